/**
 * HSDS's nested objects as Open Referral UK 3.0 wants them. Its schemas let every property of HSDS stand, and require
 * some that HSDS doesn't have or leaves open (https://github.com/OpenReferralUK/uk-profile):
 * - a service's `url`: the one it has, else its address in this API;
 * - the `url` of schedules, contacts and cost options, which the profile doesn't define further: that of their service;
 * - a term's `term` and `taxonomy`: its name, and the name of its taxonomy.
 */
import type { Nested } from './nest.ts'
import type { JsonValue } from './record.ts'

type Fields = Record<string, JsonValue>

/** @param uk Address of the UK endpoints, without a slash at the end. */
export function ukService(service: Nested, uk: string): Nested {
  const own = typeof service.url === 'string' ? service.url : `${uk}/services/${service.id}`
  return { ...(withUrl(service, own) as Nested), url: own }
}

/** @param uk Address of the UK endpoints, without a slash at the end. */
export function ukServiceAtLocation(place: Nested, uk: string): Nested {
  const { service } = place
  if (!isObject(service)) return withUrl(place, `${uk}/service_at_locations/${place.id}`) as Nested
  const shown = ukService(service as Nested, uk)
  return { ...(withUrl(place, shown.url as string) as Nested), service: shown }
}

export function ukTaxonomyTerm(term: Nested): Nested {
  return { ...term, ...termFields(term) }
}

const URL_OF_SERVICE = new Set(['schedules', 'contacts', 'cost_options'])

/** The same object with what the UK profile requires of everything below it. */
function withUrl(object: Fields, url: string): Fields {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (Array.isArray(value)) return [name, value.map((item) => itemOf(name, item, url))]
      if (!isObject(value)) return [name, value]
      const below = withUrl(value, url)
      return [name, name === 'taxonomy_term' ? { ...below, ...termFields(value) } : below]
    }),
  )
}

function itemOf(name: string, item: JsonValue, url: string): JsonValue {
  if (!isObject(item)) return item
  const below = withUrl(item, url)
  return URL_OF_SERVICE.has(name) ? { ...below, url } : below
}

function termFields(term: Fields): Fields {
  const { taxonomy_detail: detail } = term
  const named = isObject(detail) ? detail.name : undefined
  return { term: term.name ?? '', taxonomy: term.taxonomy ?? named ?? '' }
}

function isObject(value: JsonValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
