import type { Handle } from './client.ts'

/**
 * A prepared statement, written once per handle and planned once per connection: for what every request asks, both take
 * longer than to run it.
 */
export function prepared<Statement>(write: (handle: Handle) => Statement): (handle: Handle) => Statement {
  const written = new WeakMap<Handle, Statement>()
  return (handle) => {
    const known = written.get(handle)
    if (known) return known
    const made = write(handle)
    written.set(handle, made)
    return made
  }
}
