import type { Ground, Sandbox } from '../../platform/context.ts'
import type { Db } from '../../platform/db/client.ts'
import { Refusal } from '../../platform/errors.ts'
import { sandboxClock } from './tables.ts'

const FOLLOW_MS = 1_000

/**
 * The sandbox of this deployment with its clock as it stands; null where things are real.
 * @throws Refusal `config_invalid` for a database whose clock was turned, outside a sandbox: time would run backwards.
 */
export async function openSandbox(db: Db, isSandbox: boolean): Promise<Sandbox | null> {
  const aheadMs = await readAhead(db)
  if (isSandbox) return { aheadMs }
  if (aheadMs === 0) return null
  throw new Refusal(
    'config_invalid',
    'This database is a sandbox whose clock was turned forward: set LIFECIRCLE_SANDBOX=true, or use another database.',
  )
}

/** Takes over what other processes on the same database have turned. */
export async function keepUpWithClock(db: Db, sandbox: Sandbox): Promise<void> {
  turnTo(sandbox, await readAhead(db))
}

/**
 * Keeps up for the jobs of this process, which nobody asks for: what another process turned is here a second later.
 * @returns what ends it.
 */
export function followClock({ db, log }: Pick<Ground, 'db' | 'log'>, sandbox: Sandbox): () => Promise<void> {
  let reading = Promise.resolve()
  const timer = setInterval(() => {
    reading = keepUpWithClock(db, sandbox).catch((error) => {
      log.warn({ err: error }, 'the clock of the sandbox could not be read; trying again')
    })
  }, FOLLOW_MS)
  return async () => {
    clearInterval(timer)
    await reading
  }
}

/** Forward only: answers may come in another order than they were asked for. */
export function turnTo(sandbox: Sandbox, aheadMs: number): void {
  sandbox.aheadMs = Math.max(sandbox.aheadMs, aheadMs)
}

async function readAhead(db: Db): Promise<number> {
  const [row] = await db.root.select().from(sandboxClock)
  return row?.aheadMs ?? 0
}
