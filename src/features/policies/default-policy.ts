/** The policy a new deployment starts with, until it adopts its own. */
import type { DraftPolicy } from './schemas.ts'

export const DEFAULT_POLICY: DraftPolicy = {
  document: {
    tierWeights: { basic: 300, inclusive: 200, personalized: 100 },
    urgency: {
      waitingPerWeek: 2,
      waitingCap: 30,
      perCareLevel: 10,
      priority: { urgent: 100, high: 50, medium: 20 },
    },
    suitability: {
      base: 50,
      walking: 20,
      tierFit: 10,
      language: 10,
      affordability: 10,
      caregiverGender: 5,
      sector: 5,
      continuity: 10,
    },
    reach: {
      onsiteMinutes: 15,
      homeMinutes: 45,
      metersPerSecond: { independent: 1.2, slow: 0.8, homebound: 0.8 },
      detourFactor: 1.3,
    },
    optionsPerNeed: 24,
    bookableTiers: ['personalized'],
    decisionDays: 5,
    coolOffDays: 30,
    floors: [],
  },
  text: [
    'Guaranteed needs come first: one point for a guaranteed (basic) need counts three times, for an affordable',
    '(inclusive) need twice, for an individual (personalized) need once.',
    'Who has waited longer comes earlier: two percent for every whole week, thirty percent at most. Every level of',
    'care adds ten percent, an urgent need a hundred, a need of high priority fifty, one of medium priority twenty.',
    'To be served at all is worth fifty points. Up to twenty are added the shorter the walk is, up to ten the less of',
    'the price the resident pays, ten where the service is of the level that is needed, and ten where its staff speak',
    'a language of the resident, or the one that the need asks for. Where the resident says what they prefer, five',
    'more are added for staff of the gender they prefer, five for a provider of the sector they prefer, and ten for',
    'staying with whoever served them last.',
    'A service is offered within fifteen minutes on foot, help at home within forty-five minutes of its staff. We',
    'reckon with 1.2 meters a second, with 0.8 for those who walk slowly, and with ways three tenths longer than the',
    'straight line.',
    'For every need, the twenty-four best options are weighed. Individual needs may also be booked by residents',
    'themselves. A referral is to be answered within five days. What a resident or a provider has turned down is not',
    'proposed to the two of them again for thirty days. No group is promised a share beyond what these points give it.',
  ].join(' '),
}
