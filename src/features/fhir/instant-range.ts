/** A date as FHIR searches by it: as exact as it is written, so it stands for a stretch of time. */

export interface InstantRange {
  prefix: string
  /** Inclusive. */
  from: Date
  /** Exclusive. */
  until: Date
}

/**
 * `2026`, `2026-12`, `2026-12-01` or an instant, with a comparison before it; `eq` where there is none. Dates without
 * a zone are in UTC. (http://hl7.org/fhir/R4/search.html#date)
 */
export function instantRange(value: string): InstantRange {
  const [, prefix = 'eq', written = ''] = /^([a-z]{2})?(.+)$/.exec(value)!
  const from = new Date(written)
  return { prefix, from, until: endOf(written, from) }
}

function endOf(written: string, from: Date): Date {
  const until = new Date(from)
  if (written.length === 4) until.setUTCFullYear(until.getUTCFullYear() + 1)
  else if (written.length === 7) until.setUTCMonth(until.getUTCMonth() + 1)
  else if (written.length === 10) until.setUTCDate(until.getUTCDate() + 1)
  else until.setTime(until.getTime() + precisionOf(written))
  return until
}

/** Milliseconds that the last written digit stands for. */
function precisionOf(written: string): number {
  const time = written.slice(11).replace(/(Z|[+-]\d{2}:\d{2})$/, '')
  if (time.includes('.')) return 1
  return time.length === 5 ? 60_000 : 1000
}
