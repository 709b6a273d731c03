import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker from the module `name` beside the caller. From the built product it runs the `.js` file; from
 * TypeScript sources (tests, run from the project's root) the `.ts` file, through tsx.
 *
 * @param name module path without extension, relative to `base`, for instance `./writer-worker`
 * @param base the caller's `import.meta.url`
 */
export function startWorker(name: string, base: string, options: WorkerOptions = {}): Worker {
  if (!base.endsWith('.ts')) return new Worker(new URL(`${name}.js`, base), options);
  const module = new URL(`${name}.ts`, base).href;
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(module)}); })`;
  return new Worker(start, { ...options, eval: true });
}
