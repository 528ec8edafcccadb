/** The few addresses that take a file instead of JSON: of which type, and how large. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { problem } from './problem.ts'
import { requireJson } from './require-json.ts'
import type { Env } from './router.ts'

export interface FileBody {
  path: string
  types: readonly string[]
  /** Bytes. */
  most: number
}

/** The media type of the body without its parameters, in small letters. */
export function mediaTypeOf(c: Context): string {
  return (c.req.header('content-type')?.split(';')[0] ?? '').trim().toLowerCase()
}

function fileAt(c: Context, files: readonly FileBody[]): FileBody | undefined {
  return c.req.method === 'POST' ? files.find(({ path }) => path === c.req.path) : undefined
}

/** Refuses bodies of more than `most` bytes, and files of more than theirs. */
export function limitBodies(most: number, files: readonly FileBody[]): MiddlewareHandler<Env> {
  const limitTo = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: (c) => problem(c, 413, 'payload_too_large', `A body may have ${maxSize} bytes at most.`),
    })
  const usual = limitTo(most)
  const large = new Map(files.map((file) => [file, limitTo(file.most)]))
  return (c, next) => {
    const file = fileAt(c, files)
    return (file ? large.get(file)! : usual)(c, next)
  }
}

/** Bodies are JSON, but where a file is taken. */
export function requireTypes(files: readonly FileBody[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const file = fileAt(c, files)
    if (!file) return requireJson(c, next)
    if (!file.types.includes(mediaTypeOf(c))) {
      const detail = `Send the body as ${file.types.join(' or ')}.`
      return problem(c, 415, 'unsupported_media_type', detail)
    }
    await next()
  }
}
