/** An invented directory with one of everything odd: gaps, loose ends, and two places that nobody may be told. */
import type { DirectoryRecord, JsonValue, RecordKind } from '../../../src/features/directory/record.ts'

/** Stands wherever something would tell the place of a confidential location. */
export const CANARY = 'canary-4711'
export const CANARY_LATITUDE = 25.0711

/** The record's id by its number: numbers are unique among all kinds here. */
export const idOf = (number: number) => `0f000000-0000-4000-8000-${`${number}`.padStart(12, '0')}`

const record = (kind: RecordKind, number: number, fields: Record<string, JsonValue>): DirectoryRecord => ({
  kind,
  id: idOf(number),
  fields,
})

export const IDS = {
  city: idOf(1),
  clinic: idOf(2),
  meals: idOf(11),
  school: idOf(12),
  shelter: idOf(13),
  homeCare: idOf(14),
  elsewhere: idOf(15),
  percent: idOf(16),
  bare: idOf(17),
  doctor: idOf(18),
  mealsAtHall: idOf(21),
  schoolAtHall: idOf(22),
  shelterSomewhere: idOf(23),
  careAtHerHome: idOf(24),
  elsewhereFar: idOf(25),
  mealsByDoctor: idOf(26),
  doctorAtPractice: idOf(27),
  bareNowhere: idOf(28),
  hall: idOf(31),
  somewhere: idOf(32),
  herHome: idOf(33),
  far: idOf(34),
  practice: idOf(35),
  kinds: idOf(51),
  food: idOf(52),
  hotMeals: idOf(53),
  learning: idOf(54),
  otherTaxonomy: idOf(55),
  otherTerm: idOf(56),
} as const

const POINT = { hall: [25.03, 121.54], practice: [25.034, 121.54], far: [25.12, 121.54] } as const
const at = ([latitude, longitude]: readonly [number, number]) => ({ latitude, longitude })

const ORGANIZATIONS = [
  record('organization', 1, {
    name: 'City of Alder',
    description: 'Town hall',
    sector: 'government',
    website: 'https://alder.example',
  }),
  // Its feed left the required description out.
  record('organization', 2, { name: 'Birch Clinic', parent_organization_id: IDS.city, sector: 'ngo' }),
]

const SERVICES = [
  record('service', 11, {
    organization_id: IDS.city,
    name: 'Meals for everybody',
    alternate_name: 'Soup kitchen',
    status: 'active',
    last_modified: '2024-05-01T10:00:00.000Z',
    minimum_age: 60,
    url: 'https://alder.example/meals',
    category: 'life_care',
    term: 'meal_delivery',
    program_id: idOf(41),
  }),
  record('service', 12, {
    organization_id: IDS.city,
    name: '社區太極拳班',
    description: '長者的晨間運動',
    status: 'inactive',
    last_modified: '2025-01-01T00:00:00+08:00',
    maximum_age: 90,
  }),
  record('service', 13, { organization_id: IDS.clinic, name: 'Women’s shelter', status: 'active' }),
  record('service', 14, { organization_id: IDS.clinic, name: 'Care at home', status: 'temporarily closed' }),
  // Its organization is in a feed that hasn't come yet.
  record('service', 15, { organization_id: idOf(999), name: 'Far away', status: 'defunct' }),
  record('service', 16, { organization_id: IDS.clinic, name: '100% care_free', status: 'active' }),
  record('service', 17, { name: 'Bare', status: 'active' }),
  record('service', 18, {
    organization_id: IDS.clinic,
    name: 'Doctor',
    description: 'Family medicine in Alder',
    status: 'active',
    minimum_age: 0,
    maximum_age: 120,
  }),
]

const PLACES = [
  record('service_at_location', 21, {
    service_id: IDS.meals,
    location_id: IDS.hall,
    tier: 'basic',
    mode: 'onsite',
    unit: 'meal',
    price_type: 'fixed',
    price: 5000,
    currency: 'TWD',
    eligibility: { fact: 'age', op: '>=', value: 60 },
    assurance: { assured_by: 'Town hall', assured_at: '2026-01-01T00:00:00Z', state: 'assured' },
    capacity_status: 'waitlist',
  }),
  record('service_at_location', 22, { service_id: IDS.school, location_id: IDS.hall }),
  record('service_at_location', 23, { service_id: IDS.shelter, location_id: IDS.somewhere }),
  record('service_at_location', 24, { service_id: IDS.homeCare, location_id: IDS.herHome }),
  record('service_at_location', 25, { service_id: IDS.elsewhere, location_id: IDS.far }),
  record('service_at_location', 26, { service_id: IDS.meals, location_id: IDS.practice }),
  record('service_at_location', 27, {
    service_id: IDS.doctor,
    location_id: IDS.practice,
    description: 'By appointment',
  }),
  // Neither end is known.
  record('service_at_location', 28, { service_id: idOf(998), location_id: idOf(997) }),
]

const secret = {
  name: `House ${CANARY}`,
  alternate_name: CANARY,
  description: CANARY,
  transportation: CANARY,
  url: `https://${CANARY}.example`,
  external_identifier: CANARY,
  latitude: CANARY_LATITUDE,
  longitude: 121.5,
}

const LOCATIONS = [
  record('location', 31, {
    location_type: 'physical',
    name: 'Alder Hall',
    ...at(POINT.hall),
    address_of: 'station',
  }),
  record('location', 32, {
    location_type: 'physical',
    organization_id: IDS.clinic,
    visibility: 'confidential',
    ...secret,
  }),
  // Nobody said whether it is public, and somebody lives there.
  record('location', 33, {
    location_type: 'physical',
    organization_id: IDS.clinic,
    address_of: 'person',
    ...secret,
  }),
  record('location', 34, { location_type: 'physical', name: 'Far end', ...at(POINT.far) }),
  record('location', 35, {
    location_type: 'physical',
    name: 'Practice in the doctor’s own house',
    organization_id: IDS.clinic,
    visibility: 'public',
    address_of: 'person',
    ...at(POINT.practice),
  }),
]

const address = (number: number, locationId: string, postalCode: string, line: string) =>
  record('address', number, {
    location_id: locationId,
    address_1: line,
    postal_code: postalCode,
    address_type: 'physical',
  })

const DETAILS = [
  record('program', 41, { organization_id: IDS.city, name: 'Food for the old', description: 'A fund' }),
  address(61, IDS.hall, 'AB1 2CD', '1 Hall Road'),
  address(62, IDS.somewhere, 'ZZ9 9ZZ', CANARY),
  address(63, IDS.herHome, 'ZZ9 9ZZ', CANARY),
  address(64, IDS.far, 'XY7 7YX', '9 Far Lane'),
  address(65, IDS.practice, 'AB1 2CD', '3 Hall Road'),
  record('accessibility', 66, { location_id: IDS.somewhere, description: CANARY }),
  record('accessibility', 67, { location_id: IDS.hall, description: 'Ramp' }),
  record('metadata', 71, metadata(IDS.somewhere, 'latitude')),
  record('metadata', 72, metadata(idOf(63), 'address_1')),
  record('metadata', 73, metadata(idOf(66), 'description')),
  record('metadata', 74, {
    ...metadata(IDS.hall, 'name'),
    previous_value: 'Town Hall',
    replacement_value: 'Alder Hall',
  }),
  record('attribute', 75, { link_id: idOf(62), taxonomy_term_id: IDS.food, value: CANARY, label: CANARY }),
  record('phone', 81, { service_id: IDS.meals, number: '02-2345' }),
  record('phone', 82, { location_id: IDS.hall, number: '02-6789' }),
  record('contact', 83, { service_id: IDS.meals, name: 'Desk' }),
  record('phone', 84, { contact_id: idOf(83), number: '02-1111' }),
  record('language', 85, { service_id: IDS.meals, code: 'zh' }),
  record('language', 86, { phone_id: idOf(81), code: 'nan' }),
  record('cost_option', 87, { service_id: IDS.meals, amount: 50, currency: 'TWD' }),
  record('schedule', 88, {
    service_at_location_id: IDS.mealsAtHall,
    freq: 'WEEKLY',
    byday: 'MO,WE',
    opens_at: '11:30',
    closes_at: '13:00',
  }),
  record('schedule', 89, {
    service_id: IDS.doctor,
    freq: 'WEEKLY',
    byday: '1SA',
    opens_at: '09:00',
    closes_at: '12:00',
  }),
  record('service_area', 91, {
    service_id: IDS.doctor,
    name: 'The old town',
    extent: 'QQ1 1QQ, qq22qq',
    extent_type: 'postcode',
  }),
  record('service_area', 92, { service_at_location_id: IDS.mealsAtHall, name: 'Alder', extent_type: 'text' }),
  record('unit', 93, { name: 'Meal' }),
  record('service_capacity', 94, {
    service_id: IDS.meals,
    unit_id: idOf(93),
    available: 12,
    maximum: 10,
    updated: '2026-01-01T00:00:00Z',
  }),
  // No unit, no date: what the standard requires must stand in the answer all the same.
  record('service_capacity', 95, {
    service_at_location_id: IDS.mealsAtHall,
    service_id: IDS.meals,
    period: '2026-12',
    funded: 4,
    status: 'capacity',
  }),
  record('url', 96, { organization_id: IDS.city, url: 'https://alder.example/more' }),
  record('funding', 97, { organization_id: IDS.city, source: 'Taxes' }),
  record('organization_identifier', 98, {
    organization_id: IDS.city,
    identifier_type: 'VAT',
    identifier: '1',
  }),
  record('required_document', 99, { service_id: IDS.meals, document: 'Card' }),
]

function metadata(resourceId: string, field: string): Record<string, JsonValue> {
  return {
    resource_id: resourceId,
    resource_type: 'location',
    last_action_date: '2026-01-01',
    last_action_type: 'update',
    field_name: field,
    previous_value: CANARY,
    replacement_value: CANARY,
    updated_by: 'somebody',
  }
}

const classified = (number: number, linkId: string, termId: string, entity: string) =>
  record('attribute', number, { link_id: linkId, taxonomy_term_id: termId, link_entity: entity })

const TAXONOMIES = [
  record('taxonomy', 51, { name: 'Kinds of help', description: 'By what people need' }),
  record('taxonomy', 55, { name: 'Other', description: '' }),
  record('taxonomy_term', 52, { taxonomy_id: IDS.kinds, name: 'Food', description: 'Eating', code: 'F' }),
  record('taxonomy_term', 53, {
    taxonomy_id: IDS.kinds,
    parent_id: IDS.food,
    name: 'Hot meals',
    code: 'F-1',
  }),
  record('taxonomy_term', 54, { taxonomy_id: IDS.kinds, name: 'Learning', description: 'Courses' }),
  record('taxonomy_term', 56, { taxonomy_id: IDS.otherTaxonomy, name: 'Something', description: 'Else' }),
  classified(101, IDS.meals, IDS.hotMeals, 'service'),
  classified(102, IDS.schoolAtHall, IDS.learning, 'service_at_location'),
  classified(103, IDS.city, IDS.food, 'organization'),
  classified(104, IDS.doctor, IDS.otherTerm, 'service'),
]

export const TOWN_RECORDS: DirectoryRecord[] = [
  ...ORGANIZATIONS,
  ...SERVICES,
  ...PLACES,
  ...LOCATIONS,
  ...DETAILS,
  ...TAXONOMIES,
]
