import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeVerifierKey } from './audit/note-key.js';
import { WitanError } from './errors.js';
import { LOCAL_CALLER } from './identity/caller.js';
import { openStore } from './store/sqlite/open-store.js';
import { prepareNextKey } from './store/log-keys.js';

interface Rotation {
  readonly dataDir: string;
  /** Whether the key before is gone, so that it cannot sign the handing over. */
  readonly lost: boolean;
  readonly nowMs: () => number;
  /** UUIDv7. */
  readonly newId: () => string;
}

/** What signs from now on, and what signed before. */
export interface RotatedKey {
  readonly vkey: string;
  readonly previous?: string;
}

/**
 * Lets another key sign the log of a store that is not served: it is recorded, and both keys sign a checkpoint over the
 * record before the one before is destroyed. Whoever trusts that one can trust the other. What was interrupted is gone on
 * with the next time.
 *
 * @throws WitanError `store_unavailable` when the store is served or has no log, or its key is gone and `lost` is false;
 * `invalid_request` when it is there and `lost` is true
 */
export async function rotateLogKey({ dataDir, lost, nowMs, newId }: Rotation): Promise<RotatedKey> {
  // Opening it for writing would make a new one.
  if (!existsSync(join(dataDir, 'witan.db'))) {
    throw new WitanError('store_unavailable', `there is no store in \`${dataDir}\``);
  }
  const store = await openStore({ dataDir, queueEntriesMax: 10, replaceLostKey: lost });
  let rotated: RotatedKey;
  try {
    const recorded = await store.tree.keys();
    const previous = recorded.at(-1);
    const checkpoint = await store.tree.checkpoint();
    // INVARIANT: a store that is open for writing has a key that signs.
    const signing = store.tree.signingKey ?? '';
    if (previous === undefined || checkpoint === undefined) {
      throw new WitanError(
        'store_unavailable',
        `the log in \`${dataDir}\` has not been signed yet: serve it once`,
      );
    }
    if (lost && signing === previous) {
      throw new WitanError('invalid_request', 'the key of the log is not lost: rotate it without `--lost`');
    }
    const vkey = lost ? signing : writeVerifierKey(prepareNextKey(dataDir, originOf(signing)));
    rotated = { vkey, ...(!lost && { previous }) };
    await store.audit.append({
      record: {
        id: newId(),
        time: new Date(nowMs()).toISOString(),
        kind: 'key',
        caller: LOCAL_CALLER,
        revision: (await store.bundles.current())?.revision ?? 0,
        ...rotated,
      },
      changes: [{ kind: 'put_key', vkey }],
    });
  } finally {
    await store.close();
  }
  // Opening it again signs the checkpoint that is due, and puts the key in its place.
  await (await openStore({ dataDir, queueEntriesMax: 10 })).close();
  return rotated;
}

function originOf(vkey: string): string {
  return vkey.slice(0, vkey.indexOf('+'));
}
