import { expect, test } from 'vitest'
import { outcome, startProcess } from '../support/processes.ts'

test.each(['ndjson', 'json'])('50 MB of %s are read within a heap of 48 MB', async (form) => {
  const module = new URL('./support/read-large.ts', import.meta.url)
  const { code, out, error } = await outcome(
    startProcess(module, [form], { NODE_OPTIONS: '--max-old-space-size=48' }),
  )
  expect(code, error).toBe(0)
  expect(JSON.parse(out).options).toBeGreaterThan(500_000)
})
