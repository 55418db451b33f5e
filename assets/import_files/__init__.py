"""The stage that turns deltas into files which HubSpot and Salesforce accept, and that checks any such file."""
