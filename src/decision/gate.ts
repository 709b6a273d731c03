/**
 * Lets decisions through, but for the short moment in which a change becomes law: who comes then waits until it is
 * over. While nothing becomes law it costs a comparison.
 */
export class Gate {
  #closed: Promise<void> | undefined;

  /** Resolves once the gate is open; `undefined` when it is. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Holds decisions back while the act runs, whatever becomes of it. Acts MUST come one after the other. */
  async whileClosed<T>(act: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new Error('the gate is closed already');
    let open = (): void => undefined;
    this.#closed = new Promise((resolve) => {
      open = resolve;
    });
    try {
      return await act();
    } finally {
      this.#closed = undefined;
      open();
    }
  }
}
