/** The expressions of a column map, evaluated for one row. */
import type { Condition, Expression } from './column-map.ts'
import { NORMALIZERS } from './column-map-functions.ts'

export type Tables = Readonly<Record<string, Readonly<Record<string, string | number>>>>

/** What one row knows by name: its columns, and the values made of them. */
export interface Scope {
  values: Record<string, unknown>
  tables: Tables
  /** Told of every name that is neither column nor value. */
  missing?: (name: string) => void
}

/** The value of an expression; undefined where it is blank. */
export function evaluated(expression: Expression, scope: Scope): unknown {
  if (typeof expression === 'string') return blankless(filled(expression, scope))
  if (typeof expression !== 'object') return expression
  const { when, json, first } = expression
  if (when !== undefined && !holds(when, scope)) return undefined
  if (json !== undefined) return json
  if (first === undefined) return steps(expression, filled(expression.from!, scope), scope)
  for (const one of first) {
    const value = evaluated(one, scope)
    if (value !== undefined)
      return typeof value === 'object' ? value : steps(expression, String(value), scope)
  }
  return undefined
}

function steps(
  expression: Exclude<Expression, string | number | boolean>,
  given: string,
  scope: Scope,
): unknown {
  const { normalize = [], extract, lookup, number, instead } = expression
  let text = given.trim()
  for (const name of [normalize].flat()) text = text === '' ? '' : NORMALIZERS[name](text)
  if (extract !== undefined) {
    const found = patternOf(extract).exec(text)
    text = found?.slice(1).find((group) => group !== undefined) ?? found?.[0] ?? ''
  }
  if (lookup !== undefined) {
    const table = scope.tables[lookup] ?? {}
    text = Object.hasOwn(table, text) ? String(table[text]) : ''
  }
  if (text !== '' && instead !== undefined) text = filled(instead, scope)
  else if (text === '' && expression.else !== undefined) text = filled(expression.else, scope)
  if (number === undefined || number === false) return blankless(text)
  return numberIn(text, number === true ? 1 : number.times)
}

/** What is no number stays a text, so that whoever checks the field can show it. */
function numberIn(text: string, factor: number): unknown {
  const bare = text.normalize('NFKC').replace(/(?<=\d),(?=\d{3})/g, '')
  if (!/^[+-]?\d+(\.\d+)?$/.test(bare)) return blankless(text)
  return factor === 1 ? Number(bare) : Math.round(Number(bare) * factor)
}

function blankless(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim()
}

const NAMED_VALUE = /\{([^{}]+)\}/g

/** A template with its names filled in; '' when it has names and all of them are blank. */
export function filled(template: string, { values, missing }: Scope): string {
  let named = false
  let found = false
  const text = template.replace(NAMED_VALUE, (_, name: string) => {
    named = true
    if (!(name in values)) missing?.(name)
    const value = String(values[name] ?? '').trim()
    if (value !== '') found = true
    return value
  })
  return named && !found ? '' : text
}

/** Names that a template asks for. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(NAMED_VALUE)].map(([, name]) => name!)
}

export function holds(conditions: Condition | readonly Condition[], scope: Scope): boolean {
  return [conditions].flat().every((condition) => holdsOne(condition as Condition, scope))
}

function holdsOne({ value, matches, not }: Condition, scope: Scope): boolean {
  const text = filled(value, scope)
  return matches === undefined ? !patternOf(not!).test(text) : patternOf(matches).test(text)
}

/** Compiled once; a server that sees many maps forgets them. */
const MOST_PATTERNS = 2000
const PATTERNS = new Map<string, RegExp>()

function patternOf(source: string): RegExp {
  const known = PATTERNS.get(source)
  if (known !== undefined) return known
  const pattern = new RegExp(source, 'u')
  if (PATTERNS.size >= MOST_PATTERNS) PATTERNS.clear()
  PATTERNS.set(source, pattern)
  return pattern
}
