/** What the fields of our Profile mean; by kind and field. */
export const PROFILE_DESCRIPTIONS: Readonly<Record<string, string>> = {
  'organization.sector':
    'Who runs the organization: a government, an NGO, a company, or several of them jointly.',
  'service.category': 'Which of the four kinds of community service it is.',
  'service.term': 'The narrower kind that needs are matched by, such as day_care.',
  'service_at_location.tier':
    'Guaranteed (basic), affordable (inclusive) or by personal taste (personalized).',
  'service_at_location.mode': 'Whether people come, are visited at home, or are served from afar.',
  'service_at_location.unit': 'What one unit of the service is; prices and capacities count these.',
  'service_at_location.price_type':
    'Free, one price, a price per unit, or one that slides up to the ceiling.',
  'service_at_location.price': 'Price of a unit in minor units of the currency.',
  'service_at_location.price_ceiling': 'Most that a unit may cost, in minor units of the currency.',
  'service_at_location.currency': 'ISO 4217 code of the currency of the prices.',
  'service_at_location.staff_minutes_per_unit': 'Minutes of staff time that a unit takes.',
  'service_at_location.caregiver_genders': 'Genders of the people who serve, with commas between them.',
  'service_at_location.eligibility':
    'Rule that says who may be served: all, any or not of other rules, or a comparison of one fact.',
  'service_at_location.capacity_status':
    'Whether there is room at present, in the codes of the Gravity project.',
  'service_at_location.assurance':
    'Who vouched for this entry, when, until when, and whether that has lapsed.',
  'service_at_location.languages': 'Codes of the languages spoken at this place, with commas between them.',
  'service_at_location.price_options': 'Named prices for some people, each with the rule that says for whom.',
  'service_at_location.capacities': 'How many units there are in each period, and how many are left.',
  'location.visibility': 'Of a confidential location nobody is told where it is.',
  'location.address_of':
    'Whose address it is. Where the visibility is not told, a person’s is confidential and a station’s is not.',
  'schedule.time_zone': 'IANA name of the zone in which the times are meant, such as Asia/Taipei.',
  'service_capacity.service_at_location_id': 'The service at a location that has this capacity.',
  'service_capacity.period': 'Calendar month that the capacity is for, as YYYY-MM.',
  'service_capacity.funded': 'How many of the units public money pays for.',
  'service_capacity.status': 'Whether there is room in this period, in the codes of the Gravity project.',
}
