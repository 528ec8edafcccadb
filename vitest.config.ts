import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of a file's time is loading it, in one thread: leaving a core idle would double the wait.
    maxWorkers: '100%',
    // No test replaces a module or leaves anything in one, so a worker loads each once, not once for every file.
    isolate: false,
  },
})
