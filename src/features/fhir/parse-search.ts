/** A FHIR search as it is written in an address or a form: parameters, values, paging; flaws named one by one. */
import { invalidInput } from '../../platform/http/router.ts'
import { RESOURCE_TYPES, type ResourceType } from './resource-types.ts'
import { PARAMETERS, type ParameterType } from './search-parameters.ts'

/** One parameter as given: its values are alternatives, repeated parameters must all hold. */
export interface Criterion {
  name: string
  modifier: string | null
  values: string[]
}

export interface ResourceSearch {
  criteria: Criterion[]
  /** `HealthcareService:location` and the like. */
  includes: string[]
  revincludes: string[]
  count: number
  page: number
  /** Only the number of matches. */
  summary: boolean
}

export const DEFAULT_COUNT = 50
export const MAX_COUNT = 500

/** References that `_include` and `_revinclude` follow. */
export const INCLUDES = [
  'HealthcareService:location',
  'HealthcareService:organization',
  'Location:organization',
]

const MODIFIERS: Readonly<Record<ParameterType, readonly string[]>> = {
  string: ['exact', 'contains'],
  token: ['not'],
  reference: [...RESOURCE_TYPES],
  date: [],
}

type Flaw = { path: string[]; message: string }

/**
 * Reads the parameters of a search.
 * @throws Refusal `invalid_input` with a pointer to each parameter that is unknown or flawed: a search that overlooked
 *   one would find too much.
 */
export function parseSearch(
  type: ResourceType,
  given: readonly (readonly [string, string])[],
): ResourceSearch {
  const search: ResourceSearch = {
    criteria: [],
    includes: [],
    revincludes: [],
    count: DEFAULT_COUNT,
    page: 1,
    summary: false,
  }
  const flaws: Flaw[] = []
  for (const [key, value] of given) {
    const message = take(search, type, key, value)
    if (message) flaws.push({ path: [key], message })
  }
  if (flaws.length > 0) throw invalidInput(flaws, '/query')
  return search
}

/** Takes one parameter into the search. @returns what is wrong with it. */
function take(search: ResourceSearch, type: ResourceType, key: string, value: string): string | null {
  const control = CONTROLS[key.split(':')[0]!]
  if (control) return control(search, value, type)
  const [name, modifier = null] = key.split(':') as [string, string?]
  const parameter = PARAMETERS[type][name]
  if (!parameter) return `is no search parameter of ${type}`
  if (modifier && !MODIFIERS[parameter.type].includes(modifier))
    return `does not take the modifier ${modifier}`
  const values = valuesOf(value)
  if (values.length === 0) return 'has no value'
  const flawed = values.find((one) => !isValue(parameter.type, one))
  if (flawed !== undefined) return `${flawed} is no ${parameter.type}`
  search.criteria.push({ name, modifier, values })
  return null
}

type Control = (search: ResourceSearch, value: string, type: ResourceType) => string | null

const CONTROLS: Readonly<Record<string, Control>> = {
  _count: (search, value) => {
    if (!/^\d{1,9}$/.test(value)) return 'is a whole number'
    if (Number(value) > MAX_COUNT) return `is at most ${MAX_COUNT}`
    // FHIR R4: `_count=0` asks for the number of matches alone.
    search.summary ||= Number(value) === 0
    search.count = Math.max(1, Number(value))
    return null
  },
  _page: (search, value) => {
    if (!/^[1-9]\d{0,8}$/.test(value)) return 'is a page of this search'
    search.page = Number(value)
    return null
  },
  _summary: (search, value) => {
    search.summary ||= value === 'count'
    return ['count', 'false'].includes(value) ? null : 'is count or false here'
  },
  _format: (_search, value) => {
    const json = ['json', 'application/json', 'application/fhir+json', 'application/fhir json']
    return json.includes(value) ? null : 'is json here'
  },
  _total: (_search, value) => (['accurate', 'estimate', 'none'].includes(value) ? null : 'is accurate here'),
  _include: (search, value, type) => {
    if (!INCLUDES.includes(value) || !value.startsWith(`${type}:`)) return `${value} can’t be included`
    search.includes.push(value)
    return null
  },
  _revinclude: (search, value, type) => {
    const points = value.endsWith(`:${type.toLowerCase()}`)
    if (!INCLUDES.includes(value) || !points) return `${value} can’t be included`
    search.revincludes.push(value)
    return null
  },
}

/** Values between commas; `\,` is a comma of a value. */
function valuesOf(value: string): string[] {
  return value
    .split(/(?<!\\),/)
    .map((part) => part.replace(/\\([,$|\\])/g, '$1').trim())
    .filter((part) => part !== '')
}

const DATE =
  /^(eq|ne|gt|lt|ge|le|sa|eb)?\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/

function isValue(type: ParameterType, value: string): boolean {
  if (/\p{Cs}|\0/u.test(value)) return false
  if (type === 'date') return DATE.test(value) && !Number.isNaN(Date.parse(value.replace(/^[a-z]{2}/, '')))
  return value.length <= 1000
}
