import { describe, expect, test } from 'vitest';
import { Deciders, type Decider } from './deciders.js';
import { policiesInForce } from './policy/in-force.js';
import type { Change } from './store/store.js';

/** Says what it was told, and is done when the test says so. */
class ToldDecider implements Decider {
  readonly told: string[] = [];
  slow = false;
  readonly #waiting: (() => void)[] = [];

  show = (changes: readonly Change[]) => this.#tell(`show ${changes.length}`);
  prepare = ({ revision }: { revision: number }) => this.#tell(`prepare ${revision}`);
  hold = () => this.#tell('hold');
  release = ({ revision }: { revision: number }) => this.#tell(`release ${revision}`);
  quarantine = ({ policy }: { policy: string }): void => {
    this.told.push(`quarantine ${policy}`);
  };

  finish(): void {
    for (const done of this.#waiting.splice(0)) done();
  }

  #tell(what: string): Promise<void> {
    this.told.push(what);
    if (!this.slow) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

const CHANGES: readonly Change[] = [{ kind: 'put_domain', domain: { path: 'sales', name: 'Sales' } }];
const law = (revision: number) => policiesInForce(revision, []);
const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

async function admitted(deciders: Deciders): Promise<ToldDecider> {
  const decider = new ToldDecider();
  deciders.follow(decider);
  await deciders.admit(decider, () => law(1));
  decider.told.length = 0;
  return decider;
}

describe('those who decide in other processes', () => {
  test('an act waits for those that decide, and not for those that only follow', async () => {
    const deciders = new Deciders();
    const [deciding, starting] = [await admitted(deciders), new ToldDecider()];
    deciders.follow(starting);
    starting.slow = true;
    await deciders.show(CHANGES);
    expect([deciding.told, starting.told]).toEqual([['show 1'], ['show 1']]);

    deciding.slow = true;
    let shown = false;
    const showing = deciders.show(CHANGES).then(() => {
      shown = true;
    });
    await turns();
    expect(shown).toBe(false);
    deciding.finish();
    await showing;
  });

  test('an act runs when all of them wait, and they go on by what is in force then, also where it fails', async () => {
    const deciders = new Deciders();
    const [one, other] = [await admitted(deciders), await admitted(deciders)];
    let inForce = law(1);
    other.slow = true;
    const acting = deciders.whileHeld(
      () => {
        expect([one.told, other.told]).toEqual([['hold'], ['hold']]);
        inForce = law(2);
        other.slow = false;
        return Promise.resolve('done');
      },
      () => inForce,
    );
    await turns();
    expect(inForce.revision).toBe(1);
    other.finish();
    expect(await acting).toBe('done');
    expect(one.told).toEqual(['hold', 'release 2']);

    await expect(
      deciders.whileHeld(
        () => Promise.reject(new Error('the disk is full')),
        () => inForce,
      ),
    ).rejects.toThrow('the disk is full');
    expect(other.told).toEqual(['hold', 'release 2', 'hold', 'release 2']);
  });

  test('one that is admitted while the others wait decides by the new law alone', async () => {
    const deciders = new Deciders();
    await admitted(deciders);
    const late = new ToldDecider();
    deciders.follow(late);
    let inForce = law(1);
    let admission: Promise<void> | undefined;
    await deciders.whileHeld(
      async () => {
        admission = deciders.admit(late, () => inForce);
        await turns();
        expect(late.told).toEqual(['prepare 1']);
        expect(deciders.size).toBe(1);
        inForce = law(2);
      },
      () => inForce,
    );
    await admission;
    expect(late.told).toEqual(['prepare 1', 'release 2']);
    expect(deciders.size).toBe(2);
  });

  test('one that is gone is not waited for, and does not come back', async () => {
    const deciders = new Deciders();
    const gone = new ToldDecider();
    deciders.follow(gone);
    gone.slow = true;
    const admission = deciders.admit(gone, () => law(1));
    deciders.dismiss(gone);
    gone.finish();
    await admission;
    expect(deciders.size).toBe(0);
    await deciders.show(CHANGES);
    expect(gone.told).toEqual(['prepare 1']);
  });

  test('who put a policy into quarantine is not told of it', async () => {
    const deciders = new Deciders();
    const [finder, other] = [await admitted(deciders), await admitted(deciders)];
    const quarantined = { layer: 'sales', digest: 'd', policy: 'pairs', reason: 'slow', untilMs: 1 };
    deciders.quarantine(quarantined, finder);
    expect([finder.told, other.told]).toEqual([[], ['quarantine pairs']]);
  });
});
