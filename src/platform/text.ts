/** Text as PostgreSQL can store it and JSON can carry it. */
import { z } from '@hono/zod-openapi'

/**
 * Trimmed text of 1 … `max` characters. NUL cannot be stored in PostgreSQL; a lone surrogate cannot be written as
 * UTF-8 and would come back as another character.
 */
export function Text(max: number) {
  return z
    .string()
    .refine(isStorable, { message: 'must not hold NUL or a lone surrogate', abort: true })
    .trim()
    .min(1)
    .max(max)
}

/** With the `u` flag a surrogate pair is one character, so what the class finds stands alone. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text)
}
