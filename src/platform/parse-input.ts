import type { z } from '@hono/zod-openapi'
import { invalidInput } from './http/router.ts'

/**
 * The input in the schema's terms, defaults filled in.
 * @throws Refusal `invalid_input` with the pointer of every flawed field, whichever way the verb was called.
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalidInput(parsed.error.issues)
}
