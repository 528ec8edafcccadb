/** A service in the words of HSDS, with what is said of it wherever it is given. Pure. */
import { minorDigits } from '../../platform/money.ts'
import type { DirectoryRecord } from '../directory/record.ts'
import { sentenceOf } from '../policies/eligibility.ts'
import { detailOf, recordOf } from './describe-ids.ts'
import type { OfferingFacts } from './describe-offering.ts'

export interface ServiceFacts {
  id: string
  organizationId: string
  name: string
  category: string
  term: string
}

/** What of an offering is said of its service. */
export type OfService = Pick<
  OfferingFacts,
  'price' | 'priceOptions' | 'unit' | 'currency' | 'eligibility' | 'languages'
>

/**
 * A service, its languages and its prices.
 * @param offerings those that are published, in order; a service without one is inactive.
 */
export function describeService(service: ServiceFacts, offerings: readonly OfService[]): DirectoryRecord[] {
  const { id, organizationId, name, category, term } = service
  const languages = new Set(offerings.flatMap((offering) => offering.languages))
  return [
    recordOf('service', id, {
      organization_id: organizationId,
      name,
      status: offerings.length > 0 ? 'active' : 'inactive',
      eligibility_description: eligibilityOf(offerings),
      category,
      term,
    }),
    ...[...languages].map((code) => detailOf('language', id, code, { service_id: id, code })),
    ...costOptions(id, offerings),
  ]
}

/** Where places differ in whom they serve, every rule is told. */
function eligibilityOf(offerings: readonly OfService[]): string | undefined {
  const sentences = new Set(offerings.map(({ eligibility }) => eligibility && sentenceOf(eligibility)))
  if (sentences.size > 1 && sentences.has(null)) {
    return ['Differs by location.', ...[...sentences].filter((sentence) => sentence !== null)].join(' ')
  }
  return [...sentences].filter((sentence) => sentence !== null).join(' ')
}

/** One per price, whichever places ask it. */
function costOptions(serviceId: string, offerings: readonly OfService[]): DirectoryRecord[] {
  const prices = offerings.flatMap(({ unit, currency, price, priceOptions }) =>
    [{ name: 'Regular price', price, eligibility: null }, ...priceOptions].map((option) => ({
      ...option,
      currency,
      description: `Per ${unit}.${option.eligibility ? ` ${sentenceOf(option.eligibility)}` : ''}`,
    })),
  )
  const keyOf = ({ name, price, currency, description }: Price) =>
    JSON.stringify([name, price, currency, description])
  const distinct = new Map(prices.map((price) => [keyOf(price), price]))
  return [...distinct].map(([key, price]) => costOption(serviceId, key, price))
}

interface Price {
  name: string
  price: number
  currency: string
  description: string
}

function costOption(serviceId: string, key: string, option: Price): DirectoryRecord {
  const { name, price, currency, description } = option
  const digits = minorDigits(currency)
  return detailOf('cost_option', serviceId, key, {
    service_id: serviceId,
    option: name,
    currency,
    amount: Number((price / 10 ** digits).toFixed(digits)),
    amount_description: description,
  })
}
