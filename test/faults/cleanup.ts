/** What has to be undone, whatever happens: mounts, loop devices, processes, folders. */
export class Cleanup {
  readonly #undos: (() => void)[] = [];

  /** Notes how to undo what was just done. Answers a function that undoes it early. */
  add(undo: () => void): () => void {
    this.#undos.push(undo);
    return () => {
      const at = this.#undos.indexOf(undo);
      if (at === -1) return;
      this.#undos.splice(at, 1);
      undo();
    };
  }

  /** Undoes all of it, the last first, also when something cannot be undone; answers what could not. */
  run(): readonly Error[] {
    const failures: Error[] = [];
    for (const undo of this.#undos.splice(0).reverse()) {
      try {
        undo();
      } catch (thrown) {
        failures.push(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    }
    return failures;
  }
}
