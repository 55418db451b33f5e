"""A believable pair of CRMs, made from a seed.

What belongs here: everything that makes export folders as HubSpot and Salesforce write them, night by night, with known
stories planted in them. What does not: any rule of the synchronisation. The generator says what happened in the two CRMs;
what should follow is the pipeline's business, so that neither can prove the other by sharing a mistake.

Every value is a function of (seed, record, field, version): nothing is drawn in sequence. Hence any slice of a portal can be
made on its own, a portal of millions needs only one slice in memory, and the same arguments give the same bytes.
"""
