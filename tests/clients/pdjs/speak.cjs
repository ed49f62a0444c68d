// Trigger, acknowledge and resolve an alert, and tell of a change: speak.cjs SERVER KEY
const pagerduty = require("@pagerduty/pdjs");

async function speak(server, key) {
  const say = { server, data: { routing_key: key, dedup_key: "disk", event_action: "" } };
  const payload = { summary: "Disk full", source: "db1", severity: "critical" };
  const answers = [
    await pagerduty.trigger({ ...say, data: { ...say.data, payload } }),
    await pagerduty.acknowledge(say),
    await pagerduty.resolve(say),
    await pagerduty.change({
      server,
      data: { routing_key: key, payload: { summary: "v2 is live", source: "deploys" } },
    }),
  ];
  console.log(JSON.stringify(answers.map(({ status, data }) => [status, data.status])));
}

speak(...process.argv.slice(2));
