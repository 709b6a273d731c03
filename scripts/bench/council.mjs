/** The stewards of sales, who change their law while others are served. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BUNDLE = 'scripts/bench/policies/domains/sales';
const MEMBERS = ['ana', 'bea'];
const LOOK_EVERY_MS = 100;
const CHECKED_MS_MAX = 120_000;

/** Proposes a version of the law, another one for each, and votes on it; answers the id of what was approved. */
export async function approve(served, version) {
  const [author] = MEMBERS;
  const files = filesOf(version);
  const { id, digest } = await ask(served, author, '/v1/proposals', {
    layer: 'sales',
    title: `Version ${version}`,
    files,
  });
  const late = performance.now() + CHECKED_MS_MAX;
  for (let state = 'checking'; state === 'checking'; await pause(LOOK_EVERY_MS)) {
    const proposal = await ask(served, author, `/v1/proposals/${id}`);
    ({ state } = proposal);
    if (state === 'failed') throw new Error(`the checks found ${JSON.stringify(proposal.checks.faults)}`);
    if (performance.now() > late) throw new Error(`proposal ${id} is not checked within two minutes`);
  }
  for (const member of MEMBERS)
    await ask(served, member, `/v1/proposals/${id}/ballots`, { vote: 'approve', digest });
  return id;
}

/** Puts an approved proposal in force. */
export async function activate(served, id) {
  const { state } = await ask(served, MEMBERS[0], `/v1/proposals/${id}/activation`, {});
  if (state !== 'active') throw new Error(`proposal ${id} is ${state}, not active`);
}

/** The bundle of the benchmark with another version, by which columns are masked in one way or the other. */
function filesOf(version) {
  const method = version % 2 === 0 ? 'redact' : 'hash';
  return readdirSync(BUNDLE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: file.slice(BUNDLE.length + 1),
      text: readFileSync(file, 'utf8')
        .replace(/^version: .*$/m, `version: 1.0.${version}`)
        .replace('"method": "redact"', `"method": "${method}"`),
    }));
}

async function ask({ url, dataDir }, member, path, body) {
  const tokens = JSON.parse(readFileSync(join(dataDir, 'demo-tokens.json'), 'utf8'));
  const response = await fetch(`${url}${path}`, {
    headers: { Authorization: `Bearer ${tokens[member].token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} of ${member}: ${response.status} ${text}`);
  return JSON.parse(text);
}
