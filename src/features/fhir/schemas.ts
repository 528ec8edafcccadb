/**
 * Shapes of the façade as far as the OpenAPI document tells them: FHIR R4 itself defines the resources
 * (http://hl7.org/fhir/R4), and `metadata` the parameters of each.
 */
import { z } from '@hono/zod-openapi'
import { RESOURCE_TYPES } from './resource-types.ts'

export const TypeParam = z.object({
  type: z
    .string()
    .openapi({ description: `One of ${RESOURCE_TYPES.join(', ')}`, example: 'HealthcareService' }),
})

export const ReadParam = TypeParam.extend({ id: z.string().openapi({ description: 'Id of the resource' }) })

export const FhirResource = z
  .looseObject({ resourceType: z.string(), id: z.string().optional() })
  .openapi('FhirResource')

export const FhirBundle = z
  .looseObject({
    resourceType: z.literal('Bundle'),
    type: z.literal('searchset'),
    total: z.number().int().openapi({ description: 'Matches on all pages' }),
    link: z.array(z.object({ relation: z.string(), url: z.string() })),
    entry: z.array(z.looseObject({ fullUrl: z.string() })),
  })
  .openapi('FhirBundle')

export const OperationOutcome = z
  .looseObject({
    resourceType: z.literal('OperationOutcome'),
    issue: z.array(
      z.looseObject({
        severity: z.string(),
        code: z.string(),
        diagnostics: z.string().openapi({ description: 'A sentence for people' }),
        expression: z.array(z.string()).optional().openapi({ description: 'The flawed parameter' }),
      }),
    ),
  })
  .openapi('OperationOutcome')
