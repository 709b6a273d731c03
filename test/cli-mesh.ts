import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../src/app.js';
import { policiesFolder, write, type TestPolicy } from './bundles.js';
import { InProcessMesh } from './in-process-mesh.js';
import { temporaryFolder } from './service.js';
import { witan, type Ran } from './served-mesh.js';

const open: TestPolicy = { rules: 'permit := true' };
/** Everyone who has a part in the council of the test mesh, with the roles that give them a token. */
const PEOPLE = [
  { id: 'ana', domain: 'sales', roles: ['steward'] },
  { id: 'cleo', domain: 'sales', roles: ['steward', 'representative'] },
  { id: 'dan', domain: 'sales', roles: ['steward'] },
  { id: 'jada', domain: 'finance', roles: ['steward', 'representative'] },
  { id: 'sam', domain: 'finance', roles: ['operator'] },
  { id: 'tess', domain: 'finance', roles: ['operator'] },
  { id: 'uma', domain: 'finance', roles: ['auditor'] },
] as const;

/** Two domains under `global`, each of the three with a council; served in this process. */
export class CliMesh extends InProcessMesh {
  /** What the store is seeded with, and what a test edits. */
  readonly policies = policiesFolder({
    global: { open },
    sales: { shop: open },
    finance: { books: open },
  });
  readonly dataDir = join(temporaryFolder(), 'data');

  async start(): Promise<App> {
    this.#council('global', '{ sales: [cleo], finance: [jada] }');
    this.#council('domains/sales', '[ana, cleo, dan]');
    this.#council('domains/finance', '[jada]');
    return this.serve({
      WITAN_DATA_DIR: this.dataDir,
      WITAN_POLICIES: this.policies,
      WITAN_SEED: seed(),
    });
  }

  /** Runs a command as someone of the mesh. */
  as(name: string, ...line: readonly string[]): Promise<Ran> {
    return witan(...line, '--server', this.url, '--as', name, '--data-dir', this.dataDir);
  }

  /** Puts another text into a file of the policies folder. */
  edit(path: string, text: string): void {
    write(join(this.policies, path), text);
  }

  #council(folder: string, members: string): void {
    appendFileSync(join(this.policies, folder, 'manifest.yaml'), `council:\n  members: ${members}\n`);
  }
}

function seed(): string {
  const folder = temporaryFolder();
  write(join(folder, 'domains.yaml'), '- { path: sales, name: Sales }\n- { path: finance, name: Finance }\n');
  const people = PEOPLE.map(
    ({ id, domain, roles }) =>
      `- { type: user, id: ${id}, domain: ${domain}, properties: { roles: [${roles.join(', ')}] } }\n`,
  );
  write(join(folder, 'people.yaml'), people.join(''));
  mkdirSync(join(folder, 'products'));
  return folder;
}
