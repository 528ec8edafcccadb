/** Deeper nesting than any file of ours has; keeps what walks a parsed value from running out of stack. */
const DEEPEST = 64

/** Text that is not JSON as we take it. The message continues a sentence: `<what was read> ${message}.` */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/**
 * Parses JSON, and refuses what `JSON.parse` lets pass: a name that is listed twice in one object, of which
 * it would silently keep the last (another reader may keep the first, and read another problem).
 */
export function parseStrict(text: string): unknown {
  const names = countNames(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new JsonError(`is not valid JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`)
  }
  if (names !== countMembers(value)) {
    throw new JsonError(`lists the name ${repeatedName(text)} twice in one object`)
  }
  return value
}

const QUOTE = 34
const COLON = 58
const BACKSLASH = 92

/** Names in the text of a JSON value: its colons outside strings. Meaningless where the text is not JSON. */
function countNames(text: string): number {
  let names = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = endOfString(text, i)
    else if (c === COLON) names++
    else if (c === 91 || c === 123) {
      if (++depth > DEEPEST) throw new JsonError(`is nested more than ${DEEPEST} deep`)
    } else if (c === 93 || c === 125) depth--
  }
  return names
}

/** Where the string that begins at `start` has its closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === BACKSLASH) i++
    else if (c === QUOTE) return i
  }
  return text.length
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item)
    return count
  }
  for (const name of Object.keys(value)) count += 1 + countMembers((value as Record<string, unknown>)[name])
  return count
}

/** The first name, as it is written, that an object of the text lists twice. */
function repeatedName(text: string): string {
  const open: Set<unknown>[] = []
  let last = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') last = token
    else {
      const name: unknown = JSON.parse(last)
      if (open.at(-1)!.has(name)) return last
      open.at(-1)!.add(name)
    }
  }
  return last
}
