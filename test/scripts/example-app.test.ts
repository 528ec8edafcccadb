/** The example app on each rung there is: it ends well, and prints what the README shows. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env
const RUNGS = ['embedded', ...(TEST_DATABASE_URL && TEST_REDIS_URL ? ['postgres+redis'] : [])]

function shown(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [second] = readme.split('\n## ').slice(2)
  expect(second).toMatch(/^A resident.s journey\n/)
  return /```text\n([\s\S]*?)```/.exec(second!)![1]!
}

// Each has a server of its own, and mostly waits for it.
test.concurrent.each(RUNGS)(
  'the journey on %s is the one in the README’s second section',
  async (rung) => {
    const app = spawn(process.execPath, ['--import', 'tsx', 'scripts/example-app.ts', '--rung', rung], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [output, errors, [code]] = await Promise.all([
      text(app.stdout),
      text(app.stderr),
      once(app, 'close'),
    ])
    expect(code, errors).toBe(0)
    expect(output).toBe(shown())
  },
  180_000,
)
