import { describe, expect, it } from 'vitest'
import { runInThread, type ThreadOptions } from '../../../src/platform/jobs/thread.ts'

const TALKING = new URL('./programs/talking-thread.ts', import.meta.url)
const run = (how: string, options?: ThreadOptions) => runInThread(TALKING, how, options)

describe('a thread', () => {
  it('reports progress and answers', async () => {
    const progress: unknown[] = []
    await expect(run('well', { onProgress: (p) => progress.push(p) })).resolves.toEqual({ answered: 'well' })
    expect(progress).toEqual(['started'])
  })

  it('rejects with the error that its work threw', async () => {
    await expect(run('throw')).rejects.toMatchObject({ name: 'RangeError', message: 'out of range' })
  })

  it('passes a refusal on with its code and facts', async () => {
    await expect(run('refuse')).rejects.toMatchObject({
      name: 'Refusal',
      code: 'insufficient',
      message: 'Not enough.',
      facts: { left: 3 },
    })
  })

  it('rejects when it throws where nobody catches, and the process lives on', async () => {
    await expect(run('throw outside')).rejects.toThrow('nobody can catch this')
  })

  it('rejects when it ends without an answer', async () => {
    await expect(run('exit')).rejects.toThrow('The thread ended without an answer (exit code 7).')
  })

  it('rejects when the module cannot be loaded', async () => {
    await expect(runInThread(new URL('./programs/absent.ts', import.meta.url), '')).rejects.toThrow('absent')
  })

  it('ends after its answer, whatever it left running', async () => {
    await expect(run('linger')).resolves.toEqual({ answered: 'linger' })
  })

  it('is ended by the signal, even in a busy loop, and closes what was served', async () => {
    const aborting = new AbortController()
    let closed = 0
    const running = run('spin', {
      signal: aborting.signal,
      onProgress: () => aborting.abort(new Error('enough')),
      serve: [{ close: () => closed++ }],
    })
    await expect(running).rejects.toThrow('enough')
    expect(closed).toBe(1)
    await expect(run('well', { signal: aborting.signal })).rejects.toThrow('enough')
  })

  it('rejects with the error of the listener', async () => {
    const onProgress = () => {
      throw new Error('I do not want to know')
    }
    await expect(run('well', { onProgress })).rejects.toThrow('I do not want to know')
  })
})
