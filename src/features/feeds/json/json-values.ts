/** JSON values out of tokens, with the checks that `JSON.parse` and the token library leave out. */
import Assembler from 'stream-json/core/assembler.js'
import { jsonParser, type Token } from 'stream-json/core/parser.js'
import { JsonError, parseStrict } from '../../../engine/strict-json.ts'

/** Deeper nesting than any directory has; keeps what walks a value from running out of stack. */
export const DEEPEST = 64

/** Most characters of one object with all that is nested in it: what is held in memory at once. */
export const LONGEST_OBJECT = 32 * 1024 * 1024

/** Turns text into tokens, whatever pieces it comes in. Throws `JsonError`. */
export function createTokenizer(): (text: string) => readonly Token[] {
  const parse = jsonParser({ streamValues: false })
  return (text) => {
    try {
      const tokens = parse(text)
      return typeof tokens === 'symbol' ? [] : tokens.values
    } catch (error) {
      const reason = (error as Error).message.replace(/^Parser cannot parse input: /, '')
      throw new JsonError(`is not valid JSON: ${reason}`)
    }
  }
}

/** Builds one value: give it the value's tokens until it says that the value is complete. */
export function createBuilder(): { take(token: Token): boolean; readonly value: unknown } {
  const assembler = new Assembler()
  return {
    take(token) {
      if (token.name === 'keyValue' && Object.hasOwn(assembler.current as object, token.value)) {
        throw new JsonError(`lists the name ${JSON.stringify(token.value)} twice in one object`)
      }
      assembler.consume(exact(token))
      return assembler.done
    },
    get value() {
      return assembler.current
    },
  }
}

/** A whole number that JavaScript would round, such as a long identifier, stays the text it is. */
function exact(token: Token): Token {
  if (token.name !== 'numberValue' || Number.isSafeInteger(Number(token.value))) return token
  return /^-?\d+$/.test(token.value) ? { name: 'stringValue', value: token.value } : token
}

/**
 * The value of a text that is one JSON value. Whole numbers that JavaScript would round come as text.
 * @throws JsonError for what is not JSON, names listed twice in one object, and nesting deeper than 64.
 */
export function parseJson(text: string): unknown {
  const value = parseStrict(text)
  if (!/\d{16}/.test(text)) return value
  const builder = createBuilder()
  for (const token of createTokenizer()(`${text} `)) builder.take(token)
  return builder.value
}

const LONGEST_SHOWN = 200

/** A value for the report of flaws: storable, and not longer than a line. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const start = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text
  return start.replace(/\p{Surrogate}/gu, '\uFFFD').replaceAll('\0', '\\0')
}
