/** Tells a wrong method from a wrong address. */
import type { Hono } from 'hono'
import type { Env } from './router.ts'

/** The methods that this address takes, in alphabetical order; empty where there is nothing. */
export function allowedMethods(app: Hono<Env>, path: string): string[] {
  // Middleware is mounted under the method ALL; it makes no address of its own.
  const here = app.routes.filter((route) => route.method !== 'ALL' && fits(route.path, path))
  const methods = new Set(here.map((route) => route.method))
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods].sort()
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const given = path.split('/')
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  )
}
