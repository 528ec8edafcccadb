/** One `lifecircle serve` of a throw-away deployment, for scripts that speak to it. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Deployment, startCommand } from './deployment.ts'

export interface RunningServer {
  process: ChildProcess
  url: string
}

const PATIENCE_MS = 60_000
const PAUSE_MS = 100

/**
 * Starts a server on a free port and waits until it answers.
 * @param args after `serve`.
 * @throws Error where it has not within a minute, or has ended before.
 */
export async function startServer(
  deployment: Deployment,
  { args = [] }: { args?: string[] } = {},
): Promise<RunningServer> {
  const port = await freePort()
  const process = startCommand(deployment, ['serve', ...args], { PORT: String(port) })
  const url = `http://127.0.0.1:${port}`
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    const ready = await fetch(`${url}/readyz`).catch(() => null)
    if (ready?.ok) return { process, url }
    if (process.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  process.kill('SIGKILL')
  throw new Error('A server did not start.')
}

/** Lets it finish what is under way. */
export async function stopServer({ process }: RunningServer): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  process.kill('SIGTERM')
  await once(process, 'close')
}

/** What `lifecircle demo` left in the deployment: keys, the area and the month, by the name of their variable. */
export function readDemoVariables({ dataDir }: Deployment): Record<string, string> {
  const text = readFileSync(join(dataDir, 'demo.env'), 'utf8')
  return Object.fromEntries([...text.matchAll(/^export (\w+)=(.+)$/gm)].map((match) => [match[1], match[2]]))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
