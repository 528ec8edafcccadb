/** Capacities and prices of one row: read where the list publishes them, by rule where it does not. */

import { plain } from '../../../features/feeds/columns/taipei/address.ts'
import type { Origin } from '../district.ts'
import { seededRandom, seedOf } from '../random.ts'
import { ntd, TERMS, type TermName } from '../terms.ts'
import type { CapacityRule, Service } from './sources.ts'

const WEEKS_A_MONTH = 52 / 12

export interface Figure {
  value: number
  origin: Origin
}

/** Units a month; a sentence if the cell should hold a number and does not. */
export function capacityOf(service: Service, values: Record<string, string>, key: string): Figure | string {
  const rule = service.capacity
  if (rule === undefined) return { value: seededCapacity(service.term, key), origin: 'assumed' }
  switch (rule.kind) {
    case 'legal':
      return { value: rule.places * rule.days, origin: 'assumed' }
    case 'sessions':
      return sessions(rule, service.term, values, key)
    case 'timetable': {
      const halves = halfDays(values[rule.column] ?? '')
      if (halves === 0) return { value: seededCapacity(service.term, key), origin: 'assumed' }
      return { value: Math.round(halves * WEEKS_A_MONTH * rule.seats), origin: 'assumed' }
    }
    case 'beds':
      return published(rule.column, values, /^(\d+)$|(\d+)床/, 1)
    case 'places':
      return published(rule.column, values, /^(\d+)$/, rule.days)
    case 'range':
      return published(rule.column, values, /^(\d+)(?:-\d+)?人?$/, rule.days)
  }
}

function published(
  column: string,
  values: Record<string, string>,
  shape: RegExp,
  factor: number,
): Figure | string {
  const text = plain(values[column] ?? '')
  const found = shape.exec(text)
  const digits = found?.[1] ?? found?.[2]
  if (digits === undefined) return `"${text}" is not a number of places`
  return { value: Number(digits) * factor, origin: 'published' }
}

function sessions(
  rule: Extract<CapacityRule, { kind: 'sessions' }>,
  term: TermName,
  values: Record<string, string>,
  key: string,
): Figure {
  const found = /(\d+)(?:-\d+)?個?時段/.exec(plain(values[rule.column] ?? ''))
  if (found === null) return { value: seededCapacity(term, key), origin: 'assumed' }
  return { value: Math.round(Number(found[1]) * WEEKS_A_MONTH * rule.seats), origin: 'assumed' }
}

/** The term's range, drawn by the unit's own key: adding a row changes no other row's figure. */
export function seededCapacity(term: TermName, key: string): number {
  const { low, high } = TERMS[term].capacity
  return seededRandom(seedOf(`${term}|${key}`)).integer(low, high)
}

/** Minor units per unit of service. */
export function priceOf(service: Service, values: Record<string, string>): Figure {
  const found = service.priceIn?.pattern.exec(values[service.priceIn.column] ?? '')
  if (found) return { value: ntd(Number(found[1]!.replace(/,/g, ''))), origin: 'published' }
  return { value: ntd(service.price ?? TERMS[service.term].price), origin: 'assumed' }
}

const WEEKDAYS = '一二三四五六日'

/** Half-days a week in a text such as `周二至五上午,周一至周五下午` or `周一、三、五全日`. */
export function halfDays(text: string): number {
  let total = 0
  const spans = plain(text).matchAll(/((?:[周週]?[一二三四五六日][至、]?)+)(全日|上午及下午|上午|下午)/g)
  for (const [, days, part] of spans) {
    total += daysIn(days!) * (part === '全日' || part === '上午及下午' ? 2 : 1)
  }
  return total
}

function daysIn(text: string): number {
  const bare = text.replace(/[周週]/g, '')
  let days = 0
  for (const piece of bare.split('、')) {
    const [from, to] = piece.split('至').map((day) => WEEKDAYS.indexOf(day))
    if (from === undefined || from < 0) continue
    days += to === undefined ? 1 : Math.max(1, to - from + 1)
  }
  return days
}
