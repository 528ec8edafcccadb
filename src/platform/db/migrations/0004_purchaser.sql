CREATE TYPE "public"."policy_vote" AS ENUM('for', 'against', 'abstain');--> statement-breakpoint
CREATE TYPE "public"."match_origin" AS ENUM('run', 'booking', 'backfill');--> statement-breakpoint
CREATE TYPE "public"."work_state" AS ENUM('queued', 'running', 'finished', 'failed');--> statement-breakpoint
CREATE TYPE "public"."subsidy_order" AS ENUM('share_first', 'fixed_first');--> statement-breakpoint
CREATE TYPE "public"."need_priority" AS ENUM('urgent', 'high', 'medium', 'standard');--> statement-breakpoint
CREATE TYPE "public"."line_kind" AS ENUM('delivery', 'correction');--> statement-breakpoint
CREATE TYPE "public"."finding_severity" AS ENUM('minor', 'major', 'critical');--> statement-breakpoint
CREATE TYPE "public"."finding_source" AS ENUM('inspection', 'complaint', 'appeal', 'alert', 'attempt', 'observation');--> statement-breakpoint
CREATE TYPE "public"."finding_state" AS ENUM('open', 'responded', 'corrected', 'verified', 'closed');--> statement-breakpoint
CREATE TYPE "public"."grievance_kind" AS ENUM('complaint', 'appeal');--> statement-breakpoint
CREATE TYPE "public"."grievance_state" AS ENUM('received', 'upheld', 'dismissed', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."inspection_draw" AS ENUM('risk', 'lot', 'chosen');--> statement-breakpoint
CREATE TYPE "public"."inspection_state" AS ENUM('planned', 'passed', 'failed', 'not_possible');--> statement-breakpoint
CREATE TYPE "public"."subject_kind" AS ENUM('organization', 'offering', 'program', 'policy', 'run', 'match', 'need', 'referral', 'delivery', 'settlement', 'finding', 'suspension');--> statement-breakpoint
CREATE TYPE "public"."suspended_referral_decision" AS ENUM('continue', 'end');--> statement-breakpoint
ALTER TYPE "public"."offering_state" ADD VALUE 'suspended';--> statement-breakpoint
ALTER TYPE "public"."run_state" ADD VALUE 'returned';--> statement-breakpoint
ALTER TYPE "public"."delivery_state" ADD VALUE 'sustained';--> statement-breakpoint
ALTER TYPE "public"."delivery_state" ADD VALUE 'annulled';--> statement-breakpoint
ALTER TYPE "public"."review_decision" ADD VALUE 'pin';--> statement-breakpoint
ALTER TYPE "public"."review_decision" ADD VALUE 'unpin';--> statement-breakpoint
ALTER TYPE "public"."review_decision" ADD VALUE 'return';--> statement-breakpoint
ALTER TYPE "public"."review_decision" ADD VALUE 'resolve';--> statement-breakpoint
ALTER TYPE "public"."transfer_phase" ADD VALUE 'revert';--> statement-breakpoint
ALTER TYPE "public"."transfer_phase" ADD VALUE 'unsettle';--> statement-breakpoint
CREATE TABLE "suspended_offerings" (
	"offering_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "suspended_providers" (
	"organization_id" uuid PRIMARY KEY NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy_comments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"policy_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"of_resident" boolean NOT NULL,
	"resident_id" uuid,
	"text" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "policy_comments_of_resident" CHECK ("policy_comments"."resident_id" is null or "policy_comments"."of_resident")
);
--> statement-breakpoint
CREATE TABLE "policy_votes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"policy_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"of_resident" boolean NOT NULL,
	"resident_id" uuid,
	"vote" "policy_vote" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "policy_votes_of_resident" CHECK ("policy_votes"."resident_id" is null or "policy_votes"."of_resident")
);
--> statement-breakpoint
CREATE TABLE "directory_withheld" (
	"place_id" uuid PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "backfills" (
	"id" uuid PRIMARY KEY NOT NULL,
	"freed_match_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"offering_id" uuid NOT NULL,
	"period" text NOT NULL,
	"candidates" integer NOT NULL,
	"bid" double precision,
	"match_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "backfills_one_per_position" UNIQUE("freed_match_id","position")
);
--> statement-breakpoint
CREATE TABLE "cool_offs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resident_id" uuid NOT NULL,
	"offering_id" uuid,
	"organization_id" uuid,
	"reason" text NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "cool_offs_of_one" CHECK (num_nonnulls("cool_offs"."offering_id", "cool_offs"."organization_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "replays" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"state" "work_state" NOT NULL,
	"report" jsonb,
	"failure" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "run_snapshot_parts" (
	"run_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"resident_id" uuid,
	"content" text NOT NULL,
	CONSTRAINT "run_snapshot_parts_one_per_number" PRIMARY KEY("run_id","number")
);
--> statement-breakpoint
CREATE TABLE "simulations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"policy_id" uuid,
	"program_id" uuid,
	"state" "work_state" NOT NULL,
	"report" jsonb,
	"failure" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "simulations_of_one" CHECK (num_nonnulls("simulations"."policy_id", "simulations"."program_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "program_amendments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"program_id" uuid NOT NULL,
	"principal_id" uuid NOT NULL,
	"before" bigint NOT NULL,
	"after" bigint NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"program_id" uuid NOT NULL,
	"period" text NOT NULL,
	"organization_id" uuid NOT NULL,
	"settled_by" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"price" bigint NOT NULL,
	"subsidy" bigint NOT NULL,
	"copayment" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "settlements_once" UNIQUE("program_id","period"),
	CONSTRAINT "settlements_sum" CHECK ("settlements"."price" = "settlements"."subsidy" + "settlements"."copayment")
);
--> statement-breakpoint
CREATE TABLE "statement_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"statement_id" uuid NOT NULL,
	"delivery_id" uuid NOT NULL,
	"match_id" uuid NOT NULL,
	"kind" "line_kind" NOT NULL,
	"units" integer NOT NULL,
	"price" bigint NOT NULL,
	"subsidy" bigint NOT NULL,
	"copayment" bigint NOT NULL,
	CONSTRAINT "statement_lines_once" UNIQUE("delivery_id","kind"),
	CONSTRAINT "statement_lines_sum" CHECK ("statement_lines"."price" = "statement_lines"."subsidy" + "statement_lines"."copayment"),
	CONSTRAINT "statement_lines_sign" CHECK (case "statement_lines"."kind" when 'delivery' then "statement_lines"."units" > 0 else "statement_lines"."units" < 0 end)
);
--> statement-breakpoint
CREATE TABLE "statements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"settlement_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"lines" integer NOT NULL,
	"price" bigint NOT NULL,
	"subsidy" bigint NOT NULL,
	"copayment" bigint NOT NULL,
	CONSTRAINT "statements_one_a_provider" UNIQUE("settlement_id","provider_id"),
	CONSTRAINT "statements_sum" CHECK ("statements"."price" = "statements"."subsidy" + "statements"."copayment")
);
--> statement-breakpoint
CREATE TABLE "finding_steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"finding_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"step" text NOT NULL,
	"principal_id" uuid NOT NULL,
	"text" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "finding_steps_in_order" UNIQUE("finding_id","version")
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid,
	"respondent_id" uuid,
	"area_id" uuid,
	"source" "finding_source" NOT NULL,
	"source_id" uuid,
	"subject_kind" "subject_kind" NOT NULL,
	"subject_id" uuid NOT NULL,
	"code" text NOT NULL,
	"severity" "finding_severity" NOT NULL,
	"text" text,
	"state" "finding_state" NOT NULL,
	"due_by" timestamp (3) with time zone,
	"stayed_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grievances" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "grievance_kind" NOT NULL,
	"organization_id" uuid NOT NULL,
	"resident_id" uuid,
	"area_id" uuid,
	"subject_kind" "subject_kind" NOT NULL,
	"subject_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"text" text,
	"state" "grievance_state" NOT NULL,
	"decision" text,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inspection_plans" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"period" text NOT NULL,
	"seed" integer NOT NULL,
	"by_risk" integer NOT NULL,
	"by_lot" integer NOT NULL,
	"population" integer NOT NULL,
	"frame" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inspections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"plan_id" uuid,
	"offering_id" uuid NOT NULL,
	"draw" "inspection_draw" NOT NULL,
	"risk" double precision NOT NULL,
	"state" "inspection_state" NOT NULL,
	"note" text,
	"inspected_by" uuid,
	"inspected_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "inspections_drawn_once" UNIQUE("plan_id","offering_id")
);
--> statement-breakpoint
CREATE TABLE "suspended_referrals" (
	"suspension_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"decision" "suspended_referral_decision",
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "suspended_referrals_once" PRIMARY KEY("suspension_id","referral_id"),
	CONSTRAINT "suspended_referrals_decided" CHECK (num_nonnulls("suspended_referrals"."decision", "suspended_referrals"."decided_by", "suspended_referrals"."decided_at") in (0, 3))
);
--> statement-breakpoint
CREATE TABLE "suspensions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"offering_id" uuid,
	"reason" text NOT NULL,
	"text" text NOT NULL,
	"imposed_by" uuid NOT NULL,
	"lifted_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "body_id" uuid;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "second_body_id" uuid;--> statement-breakpoint
ALTER TABLE "match_runs" ADD COLUMN "result_hash" char(64);--> statement-breakpoint
ALTER TABLE "match_runs" ADD COLUMN "engine_version" text;--> statement-breakpoint
ALTER TABLE "match_runs" ADD COLUMN "revision" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "match_runs" ADD COLUMN "resolved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "origin" "match_origin" DEFAULT 'run' NOT NULL;--> statement-breakpoint
ALTER TABLE "matches" ADD COLUMN "pin_reason" text;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "drafted_by" uuid;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "consulted_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "consulted_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "programs" ADD COLUMN "subsidy_fixed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "programs" ADD COLUMN "subsidy_order" "subsidy_order" DEFAULT 'share_first' NOT NULL;--> statement-breakpoint
ALTER TABLE "programs" ADD COLUMN "price_ceiling" bigint;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "subsidy" bigint;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "copayment" bigint;--> statement-breakpoint
-- What earlier deliveries cost is what the ledger committed for them.
UPDATE "deliveries" SET ("subsidy", "copayment") = (SELECT coalesce(sum(t."amount") FILTER (WHERE a."kind" = 'fund'), 0), coalesce(sum(t."amount") FILTER (WHERE a."kind" = 'wallet'), 0) FROM "referrals" r JOIN "transfers" t ON t."bundle_id" = r."match_id" AND t."phase" = 'commit' AND t."key" LIKE 'commit:' || "deliveries"."id" || ':%' JOIN "accounts" a ON a."id" = t."debit_id" WHERE r."id" = "deliveries"."referral_id");--> statement-breakpoint
ALTER TABLE "deliveries" ALTER COLUMN "subsidy" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ALTER COLUMN "copayment" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "decided_by" uuid;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "decided_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "decision_comment" text;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "settled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "started_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "stayed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "stayed_days" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "suspended_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "priority" "need_priority" DEFAULT 'standard' NOT NULL;--> statement-breakpoint
ALTER TABLE "needs" ADD COLUMN "stayed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "suspended_offerings" ADD CONSTRAINT "suspended_offerings_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspended_providers" ADD CONSTRAINT "suspended_providers_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_comments" ADD CONSTRAINT "policy_comments_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_comments" ADD CONSTRAINT "policy_comments_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_comments" ADD CONSTRAINT "policy_comments_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_votes" ADD CONSTRAINT "policy_votes_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_votes" ADD CONSTRAINT "policy_votes_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_votes" ADD CONSTRAINT "policy_votes_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backfills" ADD CONSTRAINT "backfills_freed_match_id_matches_id_fk" FOREIGN KEY ("freed_match_id") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backfills" ADD CONSTRAINT "backfills_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backfills" ADD CONSTRAINT "backfills_match_id_matches_id_fk" FOREIGN KEY ("match_id") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cool_offs" ADD CONSTRAINT "cool_offs_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cool_offs" ADD CONSTRAINT "cool_offs_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cool_offs" ADD CONSTRAINT "cool_offs_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replays" ADD CONSTRAINT "replays_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replays" ADD CONSTRAINT "replays_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_snapshot_parts" ADD CONSTRAINT "run_snapshot_parts_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_snapshot_parts" ADD CONSTRAINT "run_snapshot_parts_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "simulations" ADD CONSTRAINT "simulations_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "program_amendments" ADD CONSTRAINT "program_amendments_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "program_amendments" ADD CONSTRAINT "program_amendments_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_settled_by_principals_id_fk" FOREIGN KEY ("settled_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_lines" ADD CONSTRAINT "statement_lines_statement_id_statements_id_fk" FOREIGN KEY ("statement_id") REFERENCES "public"."statements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_lines" ADD CONSTRAINT "statement_lines_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statement_lines" ADD CONSTRAINT "statement_lines_match_id_matches_id_fk" FOREIGN KEY ("match_id") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statements" ADD CONSTRAINT "statements_settlement_id_settlements_id_fk" FOREIGN KEY ("settlement_id") REFERENCES "public"."settlements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "statements" ADD CONSTRAINT "statements_provider_id_organizations_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "finding_steps" ADD CONSTRAINT "finding_steps_finding_id_findings_id_fk" FOREIGN KEY ("finding_id") REFERENCES "public"."findings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_respondent_id_organizations_id_fk" FOREIGN KEY ("respondent_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grievances" ADD CONSTRAINT "grievances_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grievances" ADD CONSTRAINT "grievances_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grievances" ADD CONSTRAINT "grievances_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "grievances" ADD CONSTRAINT "grievances_decided_by_principals_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspection_plans" ADD CONSTRAINT "inspection_plans_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspection_plans" ADD CONSTRAINT "inspection_plans_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspections" ADD CONSTRAINT "inspections_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspections" ADD CONSTRAINT "inspections_plan_id_inspection_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."inspection_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspections" ADD CONSTRAINT "inspections_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inspections" ADD CONSTRAINT "inspections_inspected_by_principals_id_fk" FOREIGN KEY ("inspected_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspended_referrals" ADD CONSTRAINT "suspended_referrals_suspension_id_suspensions_id_fk" FOREIGN KEY ("suspension_id") REFERENCES "public"."suspensions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspended_referrals" ADD CONSTRAINT "suspended_referrals_referral_id_referrals_id_fk" FOREIGN KEY ("referral_id") REFERENCES "public"."referrals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspended_referrals" ADD CONSTRAINT "suspended_referrals_decided_by_principals_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_provider_id_organizations_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_imposed_by_principals_id_fk" FOREIGN KEY ("imposed_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "policy_comments_policy" ON "policy_comments" USING btree ("policy_id");--> statement-breakpoint
CREATE INDEX "policy_comments_resident" ON "policy_comments" USING btree ("resident_id");--> statement-breakpoint
CREATE UNIQUE INDEX "policy_votes_one_a_resident" ON "policy_votes" USING btree ("policy_id","resident_id") WHERE "policy_votes"."resident_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "policy_votes_one_a_body" ON "policy_votes" USING btree ("policy_id","organization_id") WHERE not "policy_votes"."of_resident";--> statement-breakpoint
CREATE INDEX "policy_votes_resident" ON "policy_votes" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "backfills_offering" ON "backfills" USING btree ("offering_id","period");--> statement-breakpoint
CREATE INDEX "cool_offs_resident" ON "cool_offs" USING btree ("resident_id","until");--> statement-breakpoint
CREATE INDEX "replays_run" ON "replays" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "run_snapshot_parts_resident" ON "run_snapshot_parts" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "simulations_policy" ON "simulations" USING btree ("policy_id");--> statement-breakpoint
CREATE INDEX "simulations_program" ON "simulations" USING btree ("program_id");--> statement-breakpoint
CREATE INDEX "program_amendments_program" ON "program_amendments" USING btree ("program_id");--> statement-breakpoint
CREATE INDEX "statement_lines_statement" ON "statement_lines" USING btree ("statement_id");--> statement-breakpoint
CREATE INDEX "statements_provider" ON "statements" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "findings_respondent" ON "findings" USING btree ("respondent_id");--> statement-breakpoint
CREATE INDEX "findings_subject" ON "findings" USING btree ("subject_id");--> statement-breakpoint
CREATE UNIQUE INDEX "findings_one_an_attempt" ON "findings" USING btree ("source_id") WHERE "findings"."source" = 'attempt';--> statement-breakpoint
CREATE INDEX "grievances_subject" ON "grievances" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "grievances_organization" ON "grievances" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "grievances_resident" ON "grievances" USING btree ("resident_id");--> statement-breakpoint
CREATE UNIQUE INDEX "grievances_one_open_appeal" ON "grievances" USING btree ("subject_id","organization_id") WHERE "grievances"."kind" = 'appeal' and "grievances"."state" = 'received';--> statement-breakpoint
CREATE INDEX "inspections_offering" ON "inspections" USING btree ("offering_id");--> statement-breakpoint
CREATE UNIQUE INDEX "suspensions_one_of_a_provider" ON "suspensions" USING btree ("provider_id") WHERE "suspensions"."lifted_at" is null and "suspensions"."offering_id" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "suspensions_one_of_an_offering" ON "suspensions" USING btree ("offering_id") WHERE "suspensions"."lifted_at" is null;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_body_id_organizations_id_fk" FOREIGN KEY ("body_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_second_body_id_organizations_id_fk" FOREIGN KEY ("second_body_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_drafted_by_principals_id_fk" FOREIGN KEY ("drafted_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_decided_by_principals_id_fk" FOREIGN KEY ("decided_by") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "organizations_body" ON "organizations" USING btree ("body_id");--> statement-breakpoint
CREATE INDEX "matches_program" ON "matches" USING btree ("program_id");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_consultation_window" CHECK ("policies"."consulted_until" > "policies"."consulted_from");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_adopted_after_consultation" CHECK ("policies"."adopted_at" >= "policies"."consulted_until");--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_subsidy_fixed" CHECK ("programs"."subsidy_fixed" >= 0);
--> statement-breakpoint
-- Who booked had no run; whatever began was begun when it was opened, at the earliest.
UPDATE "matches" SET "origin" = 'booking' WHERE "run_id" IS NULL;
--> statement-breakpoint
UPDATE "referrals" SET "started_at" = "created_at" WHERE "status" IN ('in-progress', 'on-hold', 'completed') OR EXISTS (SELECT FROM "deliveries" d WHERE d."referral_id" = "referrals"."id");
--> statement-breakpoint
CREATE TRIGGER program_amendments_append_only BEFORE UPDATE OR DELETE ON program_amendments FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER settlements_append_only BEFORE UPDATE OR DELETE ON settlements FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statements_append_only BEFORE UPDATE OR DELETE ON statements FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER statement_lines_append_only BEFORE UPDATE OR DELETE ON statement_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER finding_steps_append_only BEFORE DELETE ON finding_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Words are erased with the resident they are about; nothing else of a step ever changes.
CREATE TRIGGER finding_steps_only_erased BEFORE UPDATE ON finding_steps FOR EACH ROW
  WHEN (NEW.text IS NOT NULL OR (NEW.id, NEW.finding_id, NEW.version, NEW.step, NEW.principal_id, NEW.at) IS DISTINCT FROM (OLD.id, OLD.finding_id, OLD.version, OLD.step, OLD.principal_id, OLD.at))
  EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER inspection_plans_append_only BEFORE UPDATE OR DELETE ON inspection_plans FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER duties_append_only BEFORE UPDATE OR DELETE ON duties FOR EACH ROW EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER policy_comments_not_of_erased BEFORE INSERT ON policy_comments FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER policy_votes_not_of_erased BEFORE INSERT ON policy_votes FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER grievances_not_of_erased BEFORE INSERT ON grievances FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER cool_offs_not_of_erased BEFORE INSERT ON cool_offs FOR EACH ROW EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
DROP TRIGGER wallet_movements_not_of_erased ON wallet_movements;
--> statement-breakpoint
-- What comes back from a delivery that was taken back is taken out, as the erasure took out the rest.
CREATE TRIGGER wallet_movements_not_of_erased BEFORE INSERT ON wallet_movements FOR EACH ROW
  WHEN (NEW.kind <> 'erased') EXECUTE FUNCTION refuse_erased_resident();
--> statement-breakpoint
CREATE TRIGGER duties_no_truncate BEFORE TRUNCATE ON duties FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Duties: the role they belong to, and the bodies they keep apart. The primary key keeps one person's apart.
CREATE FUNCTION keep_duties_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  own_role text;
  own_body uuid;
BEGIN
  -- Two who take duties on one object at once come one after the other, so that the later sees the earlier; and no body
  -- changes meanwhile. Whoever looks at the past, as under repeatable read, would see neither.
  IF current_setting('transaction_isolation') = 'repeatable read' THEN
    RAISE EXCEPTION 'duties are taken under read committed or serializable' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_of_now';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('bodies', 0));
  PERFORM pg_advisory_xact_lock(hashtextextended('duties ' || NEW.object_id, 0));
  SELECT p.role::text, coalesce(o.body_id, o.id) INTO own_role, own_body
    FROM principals p JOIN organizations o ON o.id = p.organization_id WHERE p.id = NEW.principal_id;
  IF own_role IS DISTINCT FROM (CASE NEW.duty
      WHEN 'create' THEN 'purchaser.officer'
      WHEN 'approve' THEN 'purchaser.finance'
      WHEN 'settle' THEN 'purchaser.finance'
      WHEN 'supervise' THEN 'supervisor' END) THEN
    RAISE EXCEPTION 'the role % does not % anything', own_role, NEW.duty USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_of_role';
  END IF;
  IF EXISTS (SELECT FROM duties d JOIN principals p ON p.id = d.principal_id JOIN organizations o ON o.id = p.organization_id
      WHERE d.object_id = NEW.object_id AND coalesce(o.body_id, o.id) = own_body
        AND (d.duty = 'supervise') <> (NEW.duty = 'supervise')) THEN
    RAISE EXCEPTION 'a body does not supervise what it purchases' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_supervisor_apart';
  END IF;
  IF NEW.duty IN ('create', 'approve')
      AND EXISTS (SELECT FROM duties d JOIN principals p ON p.id = d.principal_id JOIN organizations o ON o.id = p.organization_id
        WHERE d.object_id = NEW.object_id AND coalesce(o.body_id, o.id) = own_body
          AND d.duty IN ('create', 'approve') AND d.duty <> NEW.duty)
      AND 2 = (SELECT count(DISTINCT o.kind) FROM organizations o
        WHERE (o.id = own_body OR o.body_id = own_body) AND o.kind IN ('provider', 'purchaser')) THEN
    RAISE EXCEPTION 'a body that also provides needs a second body to approve' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_second_body';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER duties_keep_apart BEFORE INSERT ON duties FOR EACH ROW EXECUTE FUNCTION keep_duties_apart();
--> statement-breakpoint
-- A duty is judged by what its holder was when it was taken: whoever has one stays in the role and the organization.
CREATE FUNCTION keep_who_has_duties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('bodies', 0));
  IF EXISTS (SELECT FROM duties WHERE principal_id = OLD.id) THEN
    RAISE EXCEPTION 'whoever has duties stays in the role and the organization' USING ERRCODE = 'check_violation', CONSTRAINT = 'principals_duties_stay';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER principals_keep_duties BEFORE UPDATE OF role, organization_id ON principals FOR EACH ROW
  WHEN (NEW.role <> OLD.role OR NEW.organization_id <> OLD.organization_id) EXECUTE FUNCTION keep_who_has_duties();
--> statement-breakpoint
-- Bodies have parts, parts have none; a second body is a purchaser of another body; and no body comes to supervise what it purchases.
CREATE FUNCTION keep_bodies() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  new_body uuid := coalesce(NEW.body_id, NEW.id);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('bodies', 0));
  IF NEW.body_id IS NOT NULL AND (NEW.body_id = NEW.id
      OR EXISTS (SELECT FROM organizations WHERE id = NEW.body_id AND body_id IS NOT NULL)
      OR EXISTS (SELECT FROM organizations WHERE body_id = NEW.id)) THEN
    RAISE EXCEPTION 'a part of a body has no parts' USING ERRCODE = 'check_violation', CONSTRAINT = 'organizations_part_of_part';
  END IF;
  IF NEW.second_body_id IS NOT NULL AND (NEW.kind <> 'purchaser' OR NEW.second_body_id = NEW.id OR NOT EXISTS (SELECT FROM organizations s
        WHERE s.id = NEW.second_body_id AND s.kind = 'purchaser' AND coalesce(s.body_id, s.id) <> new_body))
      OR EXISTS (SELECT FROM organizations o WHERE o.second_body_id = NEW.id AND coalesce(o.body_id, o.id) = new_body) THEN
    RAISE EXCEPTION 'a second body is a purchaser of another body' USING ERRCODE = 'check_violation', CONSTRAINT = 'organizations_second_body';
  END IF;
  IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
  IF NEW.kind <> OLD.kind THEN
    RAISE EXCEPTION 'an organization stays of its kind' USING ERRCODE = 'check_violation', CONSTRAINT = 'organizations_kind_stays';
  END IF;
  IF EXISTS (SELECT FROM principals p JOIN duties d ON d.principal_id = p.id
      JOIN duties e ON e.object_id = d.object_id AND (e.duty = 'supervise') <> (d.duty = 'supervise')
      JOIN principals q ON q.id = e.principal_id JOIN organizations o ON o.id = q.organization_id
      WHERE p.organization_id = NEW.id AND o.id <> NEW.id AND coalesce(o.body_id, o.id) = new_body) THEN
    RAISE EXCEPTION 'a body does not supervise what it purchases' USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_supervisor_apart';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER organizations_begin_bodies BEFORE INSERT ON organizations FOR EACH ROW
  WHEN (NEW.body_id IS NOT NULL OR NEW.second_body_id IS NOT NULL) EXECUTE FUNCTION keep_bodies();
--> statement-breakpoint
CREATE TRIGGER organizations_change_bodies BEFORE UPDATE OF kind, body_id, second_body_id ON organizations FOR EACH ROW
  WHEN (NEW.kind <> OLD.kind OR NEW.body_id IS DISTINCT FROM OLD.body_id OR NEW.second_body_id IS DISTINCT FROM OLD.second_body_id) EXECUTE FUNCTION keep_bodies();
--> statement-breakpoint
-- A state or a signature that belongs to a duty needs somebody who has it: (duty, column of the object, column of the person or '').
CREATE FUNCTION require_duty() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  written jsonb := to_jsonb(NEW);
  object uuid := (written ->> TG_ARGV[1])::uuid;
  person uuid := CASE WHEN TG_ARGV[2] = '' THEN NULL ELSE (written ->> TG_ARGV[2])::uuid END;
BEGIN
  IF TG_ARGV[2] <> '' AND person IS NULL THEN RETURN NEW; END IF;
  IF NOT EXISTS (SELECT FROM duties d WHERE d.object_id = object AND d.duty::text = TG_ARGV[0]
      AND (TG_ARGV[2] = '' OR d.principal_id = person)) THEN
    RAISE EXCEPTION 'nobody who does this has the duty to % it', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_duty';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER programs_approved_by_duty BEFORE UPDATE OF state ON programs FOR EACH ROW
  WHEN (NEW.state IN ('approved', 'open', 'frozen') AND OLD.state <> NEW.state) EXECUTE FUNCTION require_duty('approve', 'id', '');
--> statement-breakpoint
CREATE TRIGGER programs_begun_by_duty BEFORE INSERT ON programs FOR EACH ROW
  WHEN (NEW.state IN ('approved', 'open', 'frozen')) EXECUTE FUNCTION require_duty('approve', 'id', '');
--> statement-breakpoint
CREATE TRIGGER match_runs_begun_by_duty BEFORE INSERT ON match_runs FOR EACH ROW
  WHEN (NEW.state = 'approved') EXECUTE FUNCTION require_duty('approve', 'id', '');
--> statement-breakpoint
CREATE TRIGGER match_runs_approved_by_duty BEFORE UPDATE OF state ON match_runs FOR EACH ROW
  WHEN (NEW.state = 'approved' AND OLD.state <> NEW.state) EXECUTE FUNCTION require_duty('approve', 'id', '');
--> statement-breakpoint
CREATE TRIGGER policies_adopted_by_duty BEFORE UPDATE OF state ON policies FOR EACH ROW
  WHEN (NEW.state = 'adopted' AND OLD.state <> NEW.state) EXECUTE FUNCTION require_duty('approve', 'id', '');
--> statement-breakpoint
-- A policy takes one step after the other, and what the public was shown is what is adopted.
DROP TRIGGER policies_adopted_immutable ON policies;
--> statement-breakpoint
DROP FUNCTION refuse_adopted_policy_change();
--> statement-breakpoint
CREATE FUNCTION keep_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND (NEW.document, NEW.text, NEW.number, NEW.drafted_by, NEW.consulted_from, NEW.consulted_until)
      IS DISTINCT FROM (OLD.document, OLD.text, OLD.number, OLD.drafted_by, OLD.consulted_from, OLD.consulted_until) THEN
    RAISE EXCEPTION 'a policy does not change once it is shown' USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_adopted_immutable';
  END IF;
  IF (OLD.state, NEW.state) NOT IN (('draft', 'draft'), ('draft', 'consultation'), ('consultation', 'consultation'),
      ('consultation', 'adopted'), ('adopted', 'adopted'), ('adopted', 'superseded'), ('superseded', 'superseded')) THEN
    RAISE EXCEPTION 'a policy that is % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_steps';
  END IF;
  IF NEW.state <> 'draft' AND OLD.state = 'draft' AND NEW.consulted_until IS NULL THEN
    RAISE EXCEPTION 'a consultation has dates' USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_steps';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER policies_steps BEFORE UPDATE ON policies FOR EACH ROW EXECUTE FUNCTION keep_policy();
--> statement-breakpoint
CREATE TRIGGER program_amendments_by_duty BEFORE INSERT ON program_amendments FOR EACH ROW EXECUTE FUNCTION require_duty('approve', 'program_id', 'principal_id');
--> statement-breakpoint
CREATE TRIGGER settlements_by_duty BEFORE INSERT ON settlements FOR EACH ROW EXECUTE FUNCTION require_duty('settle', 'program_id', 'settled_by');
--> statement-breakpoint
CREATE TRIGGER suspensions_by_duty BEFORE INSERT ON suspensions FOR EACH ROW EXECUTE FUNCTION require_duty('supervise', 'provider_id', 'imposed_by');
--> statement-breakpoint
CREATE TRIGGER inspections_by_duty BEFORE INSERT OR UPDATE ON inspections FOR EACH ROW EXECUTE FUNCTION require_duty('supervise', 'offering_id', 'inspected_by');
--> statement-breakpoint
CREATE TRIGGER grievances_by_duty BEFORE INSERT OR UPDATE ON grievances FOR EACH ROW EXECUTE FUNCTION require_duty('supervise', 'subject_id', 'decided_by');
