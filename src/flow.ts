/**
 * The table of contents: data flows from left to right, and a feature imports only features to its left.
 * `test/tidy.test.ts` enforces it; tags of the OpenAPI document stand in this order.
 */
export const FLOW = [
  { name: 'identity', about: 'Organizations, the people and apps that act for them, keys, duties' },
  { name: 'communities', about: 'Areas with their population, and how far people walk' },
  { name: 'policies', about: 'What decides a match, as a versioned document' },
  { name: 'programs', about: 'Public funds: whom and what they pay for' },
  { name: 'directory', about: 'The public directory in the words of Open Referral HSDS' },
  { name: 'catalog', about: 'Services, locations and offerings with price, hours and capacity' },
  { name: 'search', about: 'Offerings found by text, kind, price, time and walking distance' },
  { name: 'feeds', about: 'Directories of others taken in, every row accounted for, and given out' },
  { name: 'fhir', about: 'The directory as FHIR R4 reads it' },
  { name: 'residents', about: 'Pseudonymous residents with consents, wallets and needs' },
  { name: 'matching', about: 'Runs that pair needs with offerings under budgets and capacity' },
  { name: 'consultations', about: 'What residents and bodies say of a policy draft before it is adopted' },
  { name: 'review', about: 'A second person approves or excludes what a run proposes' },
  {
    name: 'referrals',
    about: 'Approved matches and bookings on their way to the provider, and what comes of them',
  },
  { name: 'settlement', about: 'What each provider is owed for a month, to the cent' },
  { name: 'feedback', about: 'Whether it helped, and what nobody offers yet' },
  { name: 'supervision', about: 'Alerts, inspections, findings, complaints, appeals and suspensions' },
  { name: 'subscriptions', about: 'Partners told of what happens, by webhook and stream' },
  { name: 'sandbox', about: 'A clock that partners may turn, where nothing is real' },
  { name: 'privacy', about: 'All that is held of a resident, given out and erased' },
] as const

export type FeatureName = (typeof FLOW)[number]['name']
