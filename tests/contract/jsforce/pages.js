// jsforce against an org whose Bulk result has several pages: it asks for their addresses and reads each with its own CSV parser.
// Its stream over several pages is broken (docs/contracts.md), so the loop over the pages is here.
const path = require("path");

const [modules, instanceUrl, accessToken] = process.argv.slice(2);
const jsforce = require(path.join(modules, "jsforce"));

async function main() {
  const conn = new jsforce.Connection({ instanceUrl, accessToken, version: "67.0" });
  const jobs = "/services/data/v67.0/jobs/query";
  const query = { operation: "queryAll", query: "SELECT Id, LastName, Description FROM Contact", contentType: "CSV" };
  const job = await conn.requestPost(jobs, { ...query, columnDelimiter: "COMMA", lineEnding: "LF" });
  const rows = [];
  let pages = 0;
  for (let next = `${jobs}/${job.id}/resultPages`; next; ) {
    const listed = await conn.request(next);
    for (const page of listed.resultPages) {
      rows.push(...(await conn.request(page.resultUrl)));
      pages += 1;
    }
    next = listed.done ? null : listed.nextRecordsUrl;
  }
  const names = rows.map((row) => row.LastName);
  console.log(JSON.stringify({ pages, names, description: rows[0].Description, processed: (await conn.request(`${jobs}/${job.id}`)).numberRecordsProcessed }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
