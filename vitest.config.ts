import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/folder-of-a-run.ts'],
    // Long enough for a machine with much else to do: what hangs is still found.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Files share what is loaded and compiled, above all the toolchain: each loading its own took half of all the time.
    isolate: false,
    // Worker threads and native modules live in real processes, as in service.
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'build/vitest.json' }]],
  },
});
