/** Declines in a small demo town: the script itself says whether every place went to whoever bid most. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')

test('places that are declined are refilled in price order', async () => {
  const sizes = ['--declines', '25', '--residents', '400']
  const script = spawn(process.execPath, ['--import', 'tsx', 'scripts/backfill-declines.ts', ...sizes], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors, [code]] = await Promise.all([
    text(script.stdout),
    text(script.stderr),
    once(script, 'close'),
  ])
  expect(code, errors).toBe(0)
  expect(output).toMatch(/^refilled in price order: 25 of 25 \([1-9]\d* places to somebody/m)
  expect(output).toMatch(/^the books reconcile$/m)
  const shares = [...output.matchAll(/^after .*?([\d.]+) % +([\d.]+) %$/gm)].map(([, , all]) => Number(all))
  const [approved, without, refilled] = shares
  expect(without).toBeLessThan(refilled!)
  expect(refilled).toBeLessThanOrEqual(approved!)
}, 180_000)
