/** Work that would hold up the event loop, or whose crash must not end the process, runs in a thread. */
import { parentPort, type Transferable, Worker, workerData } from 'node:worker_threads'
import { type FieldError, Refusal, type RefusalCode } from '../errors.ts'

type FromThread<Reply> =
  | { type: 'progress'; progress: unknown }
  | { type: 'reply'; reply: Reply }
  | { type: 'failure'; failure: Failure }

/** An error as plain data: class instances lose their class between threads. */
interface Failure {
  name: string
  message: string
  stack: string | undefined
  refusal?: { code: RefusalCode; errors: FieldError[]; facts: Record<string, unknown> }
}

export interface ThreadOptions {
  onProgress?: (progress: unknown) => void
  /** Aborting ends the thread at once, wherever it is. */
  signal?: AbortSignal
  /** What is handed over instead of copied: ports, array buffers. */
  transfer?: readonly Transferable[]
  /** What this side serves to the thread; closed when the thread has ended. */
  serve?: readonly { close(): void }[]
}

/**
 * Runs the module at `url`, which must call `answerInThread`, with one request and waits for its one reply.
 * Rejects with the thread's error, with the signal's reason, or when the thread ends without an answer; the
 * thread has ended before the promise settles.
 *
 * @param url `new URL('./some-thread.ts', import.meta.url)`, from source and build alike.
 */
export async function runInThread<Request, Reply>(
  url: URL,
  request: Request,
  options: ThreadOptions = {},
): Promise<Reply> {
  try {
    options.signal?.throwIfAborted()
    return await ask<Reply>(startThread(url, request, options), options)
  } finally {
    for (const served of options.serve ?? []) served.close()
  }
}

/** Called once by a thread's module: answers the request it was started with. */
export function answerInThread<Request, Reply>(
  answer: (request: Request, report: (progress: unknown) => void) => Promise<Reply> | Reply,
): void {
  const port = parentPort
  if (!port) throw new Error('This module only runs in a thread.')
  const post = (message: FromThread<Reply>) => port.postMessage(message)
  Promise.resolve()
    .then(() => answer(workerData as Request, (progress) => post({ type: 'progress', progress })))
    .then((reply) => post({ type: 'reply', reply }))
    .catch((error) => post({ type: 'failure', failure: failureOf(error) }))
}

/** Starts the module at `url` in a thread of its own, with `request` as its `workerData`. */
export function startThread(url: URL, request: unknown, { transfer }: ThreadOptions = {}): Worker {
  const source = import.meta.url.endsWith('.ts')
  const module = source ? typescriptModule(url) : builtModule(url)
  return new Worker(module, { workerData: request, transferList: [...(transfer ?? [])] })
}

async function ask<Reply>(worker: Worker, { onProgress, signal }: ThreadOptions): Promise<Reply> {
  let abort = () => {}
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  try {
    return await new Promise<Reply>((resolve, reject) => {
      abort = () => reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      worker.on('message', (message: FromThread<Reply>) => {
        if (message.type === 'reply') resolve(message.reply)
        else if (message.type === 'failure') reject(errorOf(message.failure))
        else attempt(() => onProgress?.(message.progress), reject)
      })
      worker.on('messageerror', reject)
      worker.on('error', reject)
      worker.on('exit', (code) =>
        reject(new Error(`The thread ended without an answer (exit code ${code}).`)),
      )
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
    await ended
  }
}

/** An exception of a listener would be uncaught: it belongs to the caller of `runInThread`. */
function attempt(listener: () => void, reject: (error: unknown) => void): void {
  try {
    listener()
  } catch (error) {
    reject(error)
  }
}

/** The compiler rewrites `.ts` in imports, not in URLs: in the build, the module is the `.js` beside it. */
function builtModule(url: URL): URL {
  return new URL(url.href.replace(/\.ts$/, '.js'))
}

/**
 * Node 20 cannot read TypeScript by itself; tsx is there wherever the source runs. `--import tsx` in the thread's
 * `execArgv` does nothing: Node 20 gives threads no hooks that way, so the thread's first module registers them.
 */
function typescriptModule(url: URL): URL {
  const api = import.meta.resolve('tsx/esm/api')
  const first = `import { register } from '${api}'; register(); await import('${url.href}')`
  return new URL(`data:text/javascript,${encodeURIComponent(first)}`)
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined }
  const { name, message, stack } = error
  if (!(error instanceof Refusal)) return { name, message, stack }
  const { code, errors, facts } = error
  return { name, message, stack, refusal: { code, errors, facts } }
}

function errorOf({ name, message, stack, refusal }: Failure): Error {
  const error = refusal ? new Refusal(refusal.code, message, refusal) : new Error(message)
  error.name = name
  if (stack) error.stack = stack
  return error
}
