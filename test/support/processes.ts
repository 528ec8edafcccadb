/** Other processes, for what only a second process can show: locks, kills, clean exits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** Runs a TypeScript module in a Node process of its own; `settings` are added to its environment. */
export function startProcess(
  module: URL,
  given: readonly string[] = [],
  settings: Record<string, string> = {},
): ChildProcess {
  return spawn(process.execPath, ['--import', TSX, fileURLToPath(module), ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  })
}

/** Waits until the process has written `text` on standard output. */
export async function saying(child: ChildProcess, text: string): Promise<void> {
  let heard = ''
  for await (const chunk of child.stdout!) {
    heard += chunk
    if (heard.includes(text)) return
  }
  throw new Error(`The process ended without saying ${text}; it said: ${heard}`)
}

/** Ends the process the hard way, and waits for its end. @returns false where it had ended by itself. */
export async function kill(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

/** The whole output and the exit code of a process that ends by itself. */
export async function outcome(
  child: ChildProcess,
): Promise<{ code: number | null; out: string; error: string }> {
  const said = { out: '', error: '' }
  child.stdout?.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.error += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}
