import { z } from '@hono/zod-openapi'
import { etag, expectedVersion, IfMatchHeader } from '../../platform/http/conditional.ts'
import { body, defineRoute, json } from '../../platform/http/define-route.ts'
import { mediaTypeOf } from '../../platform/http/file-bodies.ts'
import { refusalsOfChange, refusalsOfConditionalChange } from '../../platform/http/problem.ts'
import { BULK_TYPES, type BulkType } from './bulk-rows.ts'
import { correctResident } from './correct-resident.ts'
import { BulkReport, CorrectResident } from './fact-schemas.ts'
import { registerResidentsInBulk } from './register-residents-in-bulk.ts'
import { Resident } from './schemas.ts'
import { toResident } from './wire-rows.ts'

const tags = ['residents']
const IdParam = z.object({ id: z.uuid() })

const BULK_EXAMPLE = [
  'reference,areaCode,latitude,longitude,birthYear,languages,assessments,consentMatching,wallet',
  'person-4711,63000020-001,25.0331,121.5434,1948,zh|nan,cms:4:2027-06-30,location|languages|birth_year,2026-12:150000',
].join('\n')
const BulkFile = z.string().openapi({
  description:
    'CSV: a header with reference, latitude, longitude and any of areaId, areaCode, birthYear, mobility, incomeClass, livesAlone, languages, assessments (scheme:level:validUntil), consentMatching, consentReferral, consentStatistics (facts), wallet (month:minor units); several values are parted by |. NDJSON: one object a line, as a resident is registered, with consents, wallets and needs.',
  example: BULK_EXAMPLE,
})

/** Where a file may be sent, of what type and how large: as large as 10,000 residents with all they come with. */
export const bulkBody = { path: '/v1/residents/bulk', types: BULK_TYPES, most: 16 * 1024 * 1024 } as const

/** Operations on the facts of residents, spread into the feature's routes. */
export const factRoutes = [
  defineRoute(
    {
      method: 'post',
      path: bulkBody.path,
      operationId: 'registerResidentsInBulk',
      summary: 'Register residents from a file, with a report of every row',
      tags,
      request: {
        body: {
          required: true,
          content: { 'text/csv': { schema: BulkFile }, 'application/x-ndjson': { schema: BulkFile } },
        },
      },
      responses: { 200: json('What became of each row', BulkReport), ...refusalsOfChange },
    },
    async (c) => {
      const bytes = new Uint8Array(await c.req.arrayBuffer())
      const type = mediaTypeOf(c) as BulkType
      return c.json(await registerResidentsInBulk(c.get('ctx'), { type, bytes }), 200)
    },
  ),
  defineRoute(
    {
      method: 'patch',
      path: '/v1/residents/{id}',
      operationId: 'correctResident',
      summary: 'Correct what is known of a resident',
      tags,
      request: { params: IdParam, headers: IfMatchHeader, body: body(CorrectResident) },
      responses: { 200: json('Corrected', Resident), ...refusalsOfConditionalChange },
    },
    async (c) => {
      const ctx = c.get('ctx')
      const version = expectedVersion(c.req.valid('header')['if-match'])
      const residentId = c.req.valid('param').id
      const row = await correctResident(ctx, { ...c.req.valid('json'), residentId, version })
      return c.json(toResident(ctx)(row), 200, etag(row.version))
    },
  ),
] as const
