/**
 * What a directory says of a service at a location, as an offering that can be matched. Pure. A place that does not say
 * what our Profile asks for is simply not matchable; one that says it and cannot be meant is told as flawed.
 */
import type { DirectoryRecord, JsonValue } from '../directory/record.ts'
import type { KnownProvider } from '../identity/ensure-providers.ts'
import { Sector } from '../identity/schemas.ts'
import { Category } from '../policies/schemas.ts'
import { AREA_EXTENT } from './describe-offering.ts'
import type { LocationFacts } from './describe-place.ts'
import type { Hours } from './hours.ts'
import { AddressOf, Visibility } from './location-schemas.ts'
import { PriceOptions } from './price-schemas.ts'
import { capacitiesOf, type Flawed, type ProjectedCapacity } from './projection-capacities.ts'
import { hoursOf } from './projection-hours.ts'
import { cutTo } from './projection-names.ts'
import { EditableOffering, Gender, Languages, ServiceUnit, Term } from './schemas.ts'

type Fields = Record<string, JsonValue>

/** A service_at_location with what hangs together with it; absent = the directory has no such record. */
export interface DescribedPlace {
  place: DirectoryRecord
  service: DirectoryRecord | undefined
  organization: DirectoryRecord | undefined
  location: DirectoryRecord | undefined
  address: DirectoryRecord | undefined
  languages: DirectoryRecord[]
  schedules: DirectoryRecord[]
  serviceAreas: DirectoryRecord[]
  capacities: DirectoryRecord[]
}

export interface ProjectionSetting {
  now: Date
  /** Calendar date and month of now. */
  today: string
  period: string
  timeZone: string
  currency: string
  areaIdByCode: ReadonlyMap<string, string>
}

export interface ProjectedPlace {
  id: string
  organization: KnownProvider
  location: ProjectedLocation
  service: { id: string; organizationId: string; name: string; category: Category; term: string }
  offering: Omit<EditableOffering, 'name' | 'priceType' | 'hours'> & {
    hours: Hours | null
    priceType: NonNullable<EditableOffering['priceType']>
    unit: ServiceUnit
    currency: string
  }
  capacities: ProjectedCapacity[]
}

export type ProjectedLocation = Omit<LocationFacts, 'isVirtual'>

export interface Projection {
  /** Null where it cannot be matched, or is not offered now. */
  projected: ProjectedPlace | null
  flaws: Flawed[]
}

const NOT_MATCHABLE: Projection = { projected: null, flaws: [] }

export function projectPlace(described: DescribedPlace, setting: ProjectionSetting): Projection {
  const { place, service } = described
  if (service?.fields.status !== 'active') return NOT_MATCHABLE
  const { tier, mode, unit, price_type: priceType } = place.fields
  const asked = [service.fields.category, service.fields.term, tier, mode, unit, priceType]
  if (asked.some((value) => value === undefined)) return NOT_MATCHABLE
  const flaws: Flawed[] = []
  const organization = organizationOf(described, flaws)
  const location = locationOf(described, flaws)
  const kind = kindOf(service.fields, place.fields, flaws)
  const offering = offeringOf(described, setting, flaws)
  if (!organization || !location || !kind || !offering) return { projected: null, flaws }
  const { name, priceType: type = 'per_unit', ...rest } = offering
  const organizationId = organization.id
  const projected = {
    id: place.id,
    organization,
    location,
    service: { id: service.id, organizationId, name, category: kind.category, term: kind.term },
    offering: { ...rest, priceType: type, unit: kind.unit, currency: setting.currency },
    capacities: capacitiesFor(described, kind.unit, setting, flaws),
  }
  return { projected, flaws }
}

const LONGEST_NAME = 200
const LONGEST_ADDRESS = 500

/** Text that fits; what is longer than any of ours is cut, and said to be. */
function fitted(text: JsonValue | undefined, field: string, flaws: Flawed[], longest = LONGEST_NAME): string {
  const trimmed = String(text ?? '').trim()
  if (trimmed.length <= longest) return trimmed
  flaws.push({ field, reason: `is longer than ${longest} characters: cut` })
  return cutTo(trimmed, longest)
}

function organizationOf({ organization }: DescribedPlace, flaws: Flawed[]): KnownProvider | null {
  if (!organization) {
    flaws.push({ field: 'service.organization_id', reason: 'the organization is not told' })
    return null
  }
  const sector = Sector.safeParse(organization.fields.sector)
  if (!sector.success) {
    flaws.push({ field: 'organization.sector', reason: 'the sector is not told' })
    return null
  }
  const name = fitted(organization.fields.name, 'organization.name', flaws) || organization.id
  return { id: organization.id, name, sector: sector.data }
}

const ADDRESS_LINES = ['address_1', 'address_2', 'city', 'state_province', 'postal_code']

function locationOf(
  { location, address, organization }: DescribedPlace,
  flaws: Flawed[],
): ProjectedLocation | null {
  if (!location) {
    flaws.push({ field: 'location_id', reason: 'the location is not told' })
    return null
  }
  const { fields } = location
  const lines = ADDRESS_LINES.flatMap((line) => address?.fields[line] ?? []).join(', ')
  const line = fitted(lines, 'address.address_1', flaws, LONGEST_ADDRESS)
  const name = fitted(fields.name ?? fields.alternate_name, 'location.name', flaws)
  return {
    id: location.id,
    organizationId: organization?.id ?? '',
    name: name || cutTo(line, LONGEST_NAME) || location.id,
    address: line || name || location.id,
    ...pointOf(fields, flaws),
    visibility: Visibility.safeParse(fields.visibility).data ?? null,
    addressOf: AddressOf.safeParse(fields.address_of).data ?? 'station',
  }
}

const NOWHERE = { latitude: null, longitude: null }

/** Coordinates that nobody can stand at keep a location out of distance matching, and nothing else. */
function pointOf({ latitude, longitude }: Fields, flaws: Flawed[]) {
  if (latitude === undefined && longitude === undefined) return NOWHERE
  if (typeof latitude === 'number' && typeof longitude === 'number') {
    const isBlank = latitude === 0 && longitude === 0
    if (!isBlank && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude }
  }
  const reason = `nobody can stand at ${latitude}, ${longitude}: not matched by distance`
  flaws.push({ field: 'location.latitude', reason })
  return NOWHERE
}

function kindOf(service: Fields, place: Fields, flaws: Flawed[]) {
  const category = Category.safeParse(service.category)
  const term = Term.safeParse(service.term)
  const unit = ServiceUnit.safeParse(place.unit)
  if (!category.success) flaws.push({ field: 'service.category', reason: 'is no category of ours' })
  if (!term.success) flaws.push({ field: 'service.term', reason: 'is no term such as day_care' })
  if (!unit.success) flaws.push({ field: 'unit', reason: 'is no unit of ours' })
  if (!category.success || !term.success || !unit.success) return null
  return { category: category.data, term: term.data, unit: unit.data }
}

/** What of an offering is called otherwise in the directory. */
const HSDS_NAMES: Record<string, string> = {
  name: 'service.name',
  priceType: 'price_type',
  priceCeiling: 'price_ceiling',
  staffMinutesPerUnit: 'staff_minutes_per_unit',
  serviceAreaIds: 'service_area.extent',
}

function offeringOf(
  described: DescribedPlace,
  setting: ProjectionSetting,
  flaws: Flawed[],
): (EditableOffering & { hours: Hours | null }) | null {
  const { fields } = described.place
  const { currency = setting.currency } = fields
  if (currency !== setting.currency) {
    flaws.push({
      field: 'currency',
      reason: `prices in ${currency}; this deployment counts in ${setting.currency}`,
    })
    return null
  }
  const wanted = {
    name: fitted(described.service!.fields.name, 'service.name', flaws),
    tier: fields.tier,
    mode: fields.mode,
    price: fields.price ?? (fields.price_type === 'free' ? 0 : undefined),
    priceType: fields.price_type,
    priceCeiling: fields.price_ceiling ?? null,
    priceOptions: priceOptionsOf(fields, flaws),
    staffMinutesPerUnit: fields.staff_minutes_per_unit ?? 0,
    serviceAreaIds: areasOf(described, setting, flaws),
    // One that cannot be read must not open the place to everybody: it fails below.
    eligibility: fields.eligibility ?? null,
    languages: languagesOf(described, flaws),
    caregiverGenders: gendersOf(fields, flaws),
  }
  const parsed = EditableOffering.safeParse({ ...wanted, hours: null })
  if (parsed.success) return { ...parsed.data, hours: openingHours(described, setting, flaws) }
  for (const { path, message } of parsed.error.issues) {
    const [name = ''] = path.map(String)
    flaws.push({
      field: HSDS_NAMES[name] ?? name,
      reason: name === 'price' && wanted.price === undefined ? 'is not told' : message,
    })
  }
  return null
}

function openingHours({ schedules }: DescribedPlace, setting: ProjectionSetting, flaws: Flawed[]) {
  const { hours, flaws: unsaid } = hoursOf(
    schedules.map(({ fields }) => fields),
    setting,
  )
  for (const reason of unsaid) flaws.push({ field: 'schedule', reason })
  return hours
}

function priceOptionsOf({ price_options: told = [] }: Fields, flaws: Flawed[]): JsonValue {
  const options = PriceOptions.safeParse(told)
  if (options.success) return told
  flaws.push({ field: 'price_options', reason: 'are no price options: left out' })
  return []
}

function areasOf({ serviceAreas }: DescribedPlace, setting: ProjectionSetting, flaws: Flawed[]): string[] {
  const ids = new Set<string>()
  for (const { fields } of serviceAreas) {
    if (fields.extent_type !== AREA_EXTENT) continue
    const id = setting.areaIdByCode.get(String(fields.extent))
    if (id) ids.add(id)
    else flaws.push({ field: 'service_area.extent', reason: `there is no area ${fields.extent}` })
  }
  return [...ids]
}

/** Of the place where it tells them, otherwise of the service. */
function languagesOf({ place, languages }: DescribedPlace, flaws: Flawed[]): string[] {
  const told = textList(place.fields.languages) ?? languages.map(({ fields }) => String(fields.code ?? ''))
  const tags = told.map((tag) => tag.replace(/^[A-Za-z]+/, (primary) => primary.toLowerCase()))
  const known = tags.filter((tag) => Languages.safeParse([tag]).success)
  if (known.length < told.length)
    flaws.push({ field: 'language.code', reason: 'is no language tag such as zh-Hant' })
  return [...new Set(known)].slice(0, 20)
}

function gendersOf(fields: Fields, flaws: Flawed[]): Gender[] {
  const told = textList(fields.caregiver_genders) ?? []
  const known = Gender.options.filter((gender) => told.includes(gender))
  if (told.some((gender) => !Gender.safeParse(gender).success)) {
    flaws.push({ field: 'caregiver_genders', reason: 'female and male are known' })
  }
  return known
}

function textList(text: JsonValue | undefined): string[] | undefined {
  if (text === undefined) return undefined
  return String(text)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function capacitiesFor(
  { place, capacities }: DescribedPlace,
  unit: ServiceUnit,
  { period, now }: ProjectionSetting,
  flaws: Flawed[],
): ProjectedCapacity[] {
  const found = capacitiesOf(
    capacities.map(({ fields }) => fields),
    { period, unit, now, status: place.fields.capacity_status },
  )
  flaws.push(...found.flaws)
  return found.capacities
}
