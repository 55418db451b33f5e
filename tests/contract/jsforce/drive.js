// jsforce against the emulated org: what it is told on the command line, what it got as one JSON document on standard output.
const path = require("path");

const [modules, instanceUrl, accessToken] = process.argv.slice(2);
const jsforce = require(path.join(modules, "jsforce"));

async function main() {
  const conn = new jsforce.Connection({ instanceUrl, accessToken, version: "67.0" });
  const found = {};
  const everything = { autoFetch: true, maxFetch: 1000 };
  const all = (await conn.query("SELECT Id, LastName, Description FROM Contact", everything)).records;
  found.query = all.map((row) => row.LastName);
  found.description = all[0].Description;
  const scanned = await conn.query("SELECT Id, IsDeleted FROM Contact", { ...everything, scanAll: true });
  found.scanAll = scanned.records.filter((row) => row.IsDeleted).map((row) => row.Id);
  found.fields = (await conn.sobject("Contact").describe()).fields.map((field) => field.name);
  found.limit = (await conn.request("/services/data/v67.0/limits")).DailyApiRequests.Max;
  found.error = await conn.query("SELECT Nothing__c FROM Contact").then(() => null, (error) => error.errorCode);
  conn.bulk2.pollInterval = 50;
  const stream = await conn.bulk2.query("SELECT Id, LastName, Description FROM Contact");
  const rows = [];
  await new Promise((done, failed) => {
    stream.on("record", (row) => rows.push(row));
    stream.on("end", done);
    stream.on("error", failed);
  });
  found.bulk = rows.map((row) => row.LastName);
  found.bulkDescription = rows[0].Description;
  const created = await conn.sobject("Lead").create({ LastName: "From jsforce", Company: "Acme" });
  await conn.sobject("Lead").update({ Id: created.id, Title: "CEO" });
  found.lead = await conn.sobject("Lead").retrieve(created.id);
  const loaded = await conn.bulk2.loadAndWaitForResults({
    object: "Lead",
    operation: "insert",
    input: [{ LastName: 'Loaded "1"\nline', Company: "Acme" }, { LastName: "", Company: "No name" }],
    pollInterval: 50,
  });
  found.loaded = {
    successful: loaded.successfulResults.map((row) => row.LastName),
    failed: loaded.failedResults.map((row) => row.sf__Error.split(":")[0]),
    unprocessed: loaded.unprocessedRecords.length,
  };
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
