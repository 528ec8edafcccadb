/** A thread that ends in the way it is asked to. */
import { Refusal } from '../../../../src/platform/errors.ts'
import { answerInThread } from '../../../../src/platform/jobs/thread.ts'

answerInThread(async (how: string, report) => {
  report('started')
  if (how === 'refuse') {
    throw new Refusal('insufficient', 'Not enough.', { facts: { left: 3 } })
  }
  if (how === 'throw') throw new RangeError('out of range')
  if (how === 'throw outside') {
    setTimeout(() => {
      throw new Error('nobody can catch this')
    })
    await new Promise(() => {})
  }
  if (how === 'exit') process.exit(7)
  if (how === 'spin') for (;;) report('spinning')
  if (how === 'linger') setInterval(() => {}, 1_000)
  return { answered: how }
})
