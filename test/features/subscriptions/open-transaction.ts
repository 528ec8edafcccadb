import { record } from '../../../src/platform/audit/record.ts'
import { type Context, inTransaction, type TransactionContext } from '../../../src/platform/context.ts'

type Work = (ctx: TransactionContext) => Promise<unknown>

export interface OpenTransaction {
  do(work: Work): Promise<void>
  commit(): Promise<void>
  rollBack(): Promise<void>
}

/** A transaction that has written something, and stays open until it is told to end. PostgreSQL only. */
export async function begun(ctx: Context): Promise<OpenTransaction> {
  let hand: (step: { work: Work; done: () => void } | 'commit' | 'roll back') => void = () => {}
  let started = () => {}
  const ready = new Promise<void>((resolve) => {
    started = resolve
  })
  const ended = inTransaction(ctx, async (ctx) => {
    await record(ctx, 'thing.begin', ctx.newId())
    for (;;) {
      const next = new Promise<Parameters<typeof hand>[0]>((resolve) => {
        hand = resolve
      })
      started()
      const step = await next
      if (step === 'commit') return
      if (step === 'roll back') throw new Error('rolled back')
      await step.work(ctx)
      started = step.done
    }
  })
  await ready
  return {
    do: (work) => new Promise((done) => hand({ work, done })),
    commit: () => {
      hand('commit')
      return ended
    },
    rollBack: () => {
      hand('roll back')
      return ended.catch(() => {})
    },
  }
}
