/** Work that would hold up the event loop, or whose crash must not end the process, runs in a thread. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
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

function startThread(url: URL, request: unknown, { transfer }: ThreadOptions): Worker {
  const module = moduleUrl(url)
  return new Worker(module, {
    workerData: request,
    transferList: [...(transfer ?? [])],
    ...(module.pathname.endsWith('.ts') ? { execArgv: ['--import', typescriptLoader()] } : {}),
  })
}

async function ask<Reply>(worker: Worker, { onProgress, signal }: ThreadOptions): Promise<Reply> {
  let abort = () => {}
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  try {
    return await new Promise<Reply>((resolve, reject) => {
      abort = () => reject(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      worker.on('message', (message: FromThread<Reply>) => {
        if (message.type === 'progress') onProgress?.(message.progress)
        else if (message.type === 'reply') resolve(message.reply)
        else reject(errorOf(message.failure))
      })
      worker.on('messageerror', reject)
      worker.on('error', reject)
      worker.on('exit', (code) => reject(new Error(`The thread ended without an answer (exit code ${code}).`)))
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
    await ended
  }
}

/** The compiler rewrites `.ts` in imports, not in URLs: in the build, the module is the `.js` beside it. */
function moduleUrl(url: URL): URL {
  if (import.meta.url.endsWith('.ts')) return url
  return new URL(url.href.replace(/\.ts$/, '.js'))
}

/** Node 20 cannot read TypeScript by itself; tsx is there wherever the source runs. */
function typescriptLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
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
