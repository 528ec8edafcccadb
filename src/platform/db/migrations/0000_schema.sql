CREATE TYPE "public"."category" AS ENUM('elderly_care', 'medical', 'cultural', 'life_care');--> statement-breakpoint
CREATE TYPE "public"."mode" AS ENUM('onsite', 'home', 'remote');--> statement-breakpoint
CREATE TYPE "public"."offering_state" AS ENUM('published', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."service_unit" AS ENUM('visit', 'hour', 'day', 'meal', 'month');--> statement-breakpoint
CREATE TYPE "public"."tier" AS ENUM('basic', 'inclusive', 'personalized');--> statement-breakpoint
CREATE TYPE "public"."area_kind" AS ENUM('district', 'subdistrict', 'community', 'grid');--> statement-breakpoint
CREATE TYPE "public"."duty_kind" AS ENUM('create', 'approve', 'settle', 'supervise');--> statement-breakpoint
CREATE TYPE "public"."organization_kind" AS ENUM('provider', 'purchaser', 'supervisor', 'partner', 'operator');--> statement-breakpoint
CREATE TYPE "public"."role" AS ENUM('partner', 'provider', 'purchaser.officer', 'purchaser.finance', 'supervisor', 'operator');--> statement-breakpoint
CREATE TYPE "public"."sector" AS ENUM('government', 'ngo', 'market', 'joint');--> statement-breakpoint
CREATE TYPE "public"."match_state" AS ENUM('proposed', 'approved', 'excluded', 'released');--> statement-breakpoint
CREATE TYPE "public"."run_state" AS ENUM('queued', 'running', 'proposed', 'approved', 'failed', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."policy_state" AS ENUM('draft', 'consultation', 'adopted', 'superseded');--> statement-breakpoint
CREATE TYPE "public"."program_state" AS ENUM('draft', 'submitted', 'approved', 'open', 'frozen', 'closed');--> statement-breakpoint
CREATE TYPE "public"."referral_status" AS ENUM('draft', 'requested', 'accepted', 'rejected', 'in-progress', 'on-hold', 'completed', 'cancelled', 'failed', 'entered-in-error');--> statement-breakpoint
CREATE TYPE "public"."consent_purpose" AS ENUM('matching', 'referral', 'statistics');--> statement-breakpoint
CREATE TYPE "public"."income_class" AS ENUM('low', 'lower_middle', 'general');--> statement-breakpoint
CREATE TYPE "public"."mobility" AS ENUM('independent', 'slow', 'homebound');--> statement-breakpoint
CREATE TYPE "public"."need_state" AS ENUM('registered', 'in_run', 'matched', 'in_service', 'met', 'unmet', 'withdrawn', 'expired');--> statement-breakpoint
CREATE TYPE "public"."review_decision" AS ENUM('approve', 'exclude');--> statement-breakpoint
CREATE TYPE "public"."account_kind" AS ENUM('fund', 'wallet', 'subsidy_cap', 'capacity', 'staff_time', 'receivable', 'consumed');--> statement-breakpoint
CREATE TYPE "public"."transfer_phase" AS ENUM('hold', 'commit', 'release', 'settle');--> statement-breakpoint
CREATE TABLE "locations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"area_id" uuid,
	"name" text NOT NULL,
	"address" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"source_ref" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "locations_source_ref" UNIQUE("source_ref")
);
--> statement-breakpoint
CREATE TABLE "offerings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"service_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"tier" "tier" NOT NULL,
	"mode" "mode" NOT NULL,
	"unit" "service_unit" NOT NULL,
	"price" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"staff_minutes_per_unit" integer NOT NULL,
	"service_area_ids" jsonb NOT NULL,
	"eligibility" jsonb,
	"languages" jsonb NOT NULL,
	"state" "offering_state" NOT NULL,
	"source_ref" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "offerings_source_ref" UNIQUE("source_ref"),
	CONSTRAINT "offerings_price" CHECK ("offerings"."price" >= 0),
	CONSTRAINT "offerings_staff_minutes" CHECK ("offerings"."staff_minutes_per_unit" >= 0)
);
--> statement-breakpoint
CREATE TABLE "services" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"name" text NOT NULL,
	"category" "category" NOT NULL,
	"term" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "services_one_per_name" UNIQUE("organization_id","category","term","name")
);
--> statement-breakpoint
CREATE TABLE "areas" (
	"id" uuid PRIMARY KEY NOT NULL,
	"parent_id" uuid,
	"kind" "area_kind" NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"population" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "areas_code" UNIQUE("code")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"principal_id" uuid NOT NULL,
	"hash" char(64) NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_hash" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "duties" (
	"object_id" uuid NOT NULL,
	"principal_id" uuid NOT NULL,
	"duty" "duty_kind" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "duties_one_per_person" PRIMARY KEY("object_id","principal_id")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "organization_kind" NOT NULL,
	"name" text NOT NULL,
	"sector" "sector",
	"source_ref" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "organizations_source_ref" UNIQUE("source_ref"),
	CONSTRAINT "organizations_id_kind" UNIQUE("id","kind"),
	CONSTRAINT "organizations_sector_of_providers" CHECK (("organizations"."kind" = 'provider') = ("organizations"."sector" is not null))
);
--> statement-breakpoint
CREATE TABLE "principals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"organization_kind" "organization_kind" NOT NULL,
	"role" "role" NOT NULL,
	"name" text NOT NULL,
	"area_id" uuid,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "principals_role_fits_kind" CHECK (split_part("principals"."role"::text, '.', 1) = "principals"."organization_kind"::text)
);
--> statement-breakpoint
CREATE TABLE "match_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"period" text NOT NULL,
	"policy_id" uuid NOT NULL,
	"seed" integer NOT NULL,
	"rounds" integer NOT NULL,
	"state" "run_state" NOT NULL,
	"progress" jsonb NOT NULL,
	"result" jsonb,
	"snapshot_hash" char(64),
	"assignment_hash" char(64),
	"failure" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "matches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"need_id" uuid NOT NULL,
	"resident_id" uuid NOT NULL,
	"offering_id" uuid NOT NULL,
	"program_id" uuid,
	"quantity" integer NOT NULL,
	"price" bigint NOT NULL,
	"subsidy" bigint NOT NULL,
	"copayment" bigint NOT NULL,
	"walking_minutes" real,
	"utility" bigint NOT NULL,
	"parts" jsonb NOT NULL,
	"state" "match_state" NOT NULL,
	"exclusion_reason" text,
	"version" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_needs" (
	"run_id" uuid NOT NULL,
	"need_id" uuid NOT NULL,
	"reason" text,
	"explanation" jsonb NOT NULL,
	CONSTRAINT "run_needs_one_per_need" PRIMARY KEY("run_id","need_id")
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"state" "policy_state" NOT NULL,
	"document" jsonb NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"adopted_at" timestamp (3) with time zone,
	CONSTRAINT "policies_number" UNIQUE("number")
);
--> statement-breakpoint
CREATE TABLE "programs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"area_id" uuid NOT NULL,
	"period" text NOT NULL,
	"name" text NOT NULL,
	"categories" jsonb NOT NULL,
	"tiers" jsonb NOT NULL,
	"eligibility" jsonb,
	"budget" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"subsidy_share" integer NOT NULL,
	"unit_cap" bigint,
	"resident_cap" bigint,
	"state" "program_state" NOT NULL,
	"fund_account_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "programs_subsidy_share" CHECK ("programs"."subsidy_share" between 0 and 10000),
	CONSTRAINT "programs_budget" CHECK ("programs"."budget" >= 0)
);
--> statement-breakpoint
CREATE TABLE "referrals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"match_id" uuid NOT NULL,
	"resident_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"partner_id" uuid NOT NULL,
	"purchaser_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	"status" "referral_status" NOT NULL,
	"status_reason" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referrals_match" UNIQUE("match_id")
);
--> statement-breakpoint
CREATE TABLE "consents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resident_id" uuid NOT NULL,
	"purpose" "consent_purpose" NOT NULL,
	"facts" jsonb NOT NULL,
	"given_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"withdrawn_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "needs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"resident_id" uuid NOT NULL,
	"period" text NOT NULL,
	"category" "category" NOT NULL,
	"term" text NOT NULL,
	"tier" "tier" NOT NULL,
	"quantity" integer NOT NULL,
	"max_walking_minutes" integer,
	"waiting_since" timestamp (3) with time zone NOT NULL,
	"state" "need_state" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "needs_quantity" CHECK ("needs"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "residents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organization_id" uuid NOT NULL,
	"reference_hash" char(64) NOT NULL,
	"reference_sealed" text NOT NULL,
	"area_id" uuid NOT NULL,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL,
	"birth_year" integer,
	"mobility" "mobility",
	"care_level" integer,
	"income_class" "income_class",
	"lives_alone" boolean,
	"languages" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "residents_reference" UNIQUE("organization_id","reference_hash"),
	CONSTRAINT "residents_care_level" CHECK ("residents"."care_level" between 0 and 8)
);
--> statement-breakpoint
CREATE TABLE "review_decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"match_id" uuid,
	"principal_id" uuid NOT NULL,
	"decision" "review_decision" NOT NULL,
	"reason" text,
	"comment" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"position" bigserial NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"principal_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"action" text NOT NULL,
	"object_id" uuid NOT NULL,
	"facts" jsonb NOT NULL,
	CONSTRAINT "audit_entries_position" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from_position" bigint NOT NULL,
	"to_position" bigint NOT NULL,
	"entries" bigint NOT NULL,
	"hash" char(64) NOT NULL,
	CONSTRAINT "audit_seals_number" UNIQUE("number")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"position" bigserial NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"object_id" uuid NOT NULL,
	"organization_id" uuid,
	"data" jsonb NOT NULL,
	CONSTRAINT "events_position" UNIQUE("position")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"principal_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer,
	"headers" jsonb,
	"body" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_one_answer" PRIMARY KEY("principal_id","key")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"key" text,
	"payload" jsonb NOT NULL,
	"actor" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"available_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"done_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "account_kind" NOT NULL,
	"owner_id" uuid NOT NULL,
	"period" text NOT NULL,
	"unit" text NOT NULL,
	"limit" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"spent" bigint DEFAULT 0 NOT NULL,
	"incoming" bigint DEFAULT 0 NOT NULL,
	"received" bigint DEFAULT 0 NOT NULL,
	"settled" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "accounts_one_per_owner" UNIQUE("kind","owner_id","period","unit"),
	CONSTRAINT "accounts_within_limit" CHECK ("accounts"."held" >= 0 and "accounts"."spent" >= 0 and "accounts"."held" + "accounts"."spent" <= "accounts"."limit"),
	CONSTRAINT "accounts_settled_within_received" CHECK ("accounts"."incoming" >= 0 and "accounts"."settled" >= 0 and "accounts"."settled" <= "accounts"."received")
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"bundle_id" uuid NOT NULL,
	"debit_id" uuid NOT NULL,
	"credit_id" uuid NOT NULL,
	"open" bigint NOT NULL,
	"committed" bigint DEFAULT 0 NOT NULL,
	"settled" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "holds_one_per_pair" UNIQUE("bundle_id","debit_id","credit_id"),
	CONSTRAINT "holds_not_overdrawn" CHECK ("holds"."open" >= 0 and "holds"."settled" <= "holds"."committed")
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"phase" "transfer_phase" NOT NULL,
	"bundle_id" uuid NOT NULL,
	"debit_id" uuid NOT NULL,
	"credit_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "transfers_key" UNIQUE("key"),
	CONSTRAINT "transfers_positive" CHECK ("transfers"."amount" > 0),
	CONSTRAINT "transfers_two_accounts" CHECK ("transfers"."debit_id" <> "transfers"."credit_id")
);
--> statement-breakpoint
ALTER TABLE "locations" ADD CONSTRAINT "locations_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "locations" ADD CONSTRAINT "locations_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offerings" ADD CONSTRAINT "offerings_service_id_services_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."services"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offerings" ADD CONSTRAINT "offerings_location_id_locations_id_fk" FOREIGN KEY ("location_id") REFERENCES "public"."locations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offerings" ADD CONSTRAINT "offerings_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "services" ADD CONSTRAINT "services_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "areas" ADD CONSTRAINT "areas_parent_id_areas_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "duties" ADD CONSTRAINT "duties_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "principals" ADD CONSTRAINT "principals_organization" FOREIGN KEY ("organization_id","organization_kind") REFERENCES "public"."organizations"("id","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "match_runs" ADD CONSTRAINT "match_runs_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "match_runs" ADD CONSTRAINT "match_runs_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "match_runs" ADD CONSTRAINT "match_runs_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_need_id_needs_id_fk" FOREIGN KEY ("need_id") REFERENCES "public"."needs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_offering_id_offerings_id_fk" FOREIGN KEY ("offering_id") REFERENCES "public"."offerings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "matches" ADD CONSTRAINT "matches_program_id_programs_id_fk" FOREIGN KEY ("program_id") REFERENCES "public"."programs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_needs" ADD CONSTRAINT "run_needs_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_needs" ADD CONSTRAINT "run_needs_need_id_needs_id_fk" FOREIGN KEY ("need_id") REFERENCES "public"."needs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programs" ADD CONSTRAINT "programs_fund_account_id_accounts_id_fk" FOREIGN KEY ("fund_account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_match_id_matches_id_fk" FOREIGN KEY ("match_id") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_provider_id_organizations_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_partner_id_organizations_id_fk" FOREIGN KEY ("partner_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_purchaser_id_organizations_id_fk" FOREIGN KEY ("purchaser_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "needs" ADD CONSTRAINT "needs_resident_id_residents_id_fk" FOREIGN KEY ("resident_id") REFERENCES "public"."residents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "residents" ADD CONSTRAINT "residents_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "residents" ADD CONSTRAINT "residents_area_id_areas_id_fk" FOREIGN KEY ("area_id") REFERENCES "public"."areas"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_decisions" ADD CONSTRAINT "review_decisions_run_id_match_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."match_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_decisions" ADD CONSTRAINT "review_decisions_match_id_matches_id_fk" FOREIGN KEY ("match_id") REFERENCES "public"."matches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "review_decisions" ADD CONSTRAINT "review_decisions_principal_id_principals_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_debit_id_accounts_id_fk" FOREIGN KEY ("debit_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_credit_id_accounts_id_fk" FOREIGN KEY ("credit_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_debit_id_accounts_id_fk" FOREIGN KEY ("debit_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_credit_id_accounts_id_fk" FOREIGN KEY ("credit_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "locations_area" ON "locations" USING btree ("area_id");--> statement-breakpoint
CREATE INDEX "offerings_organization" ON "offerings" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "offerings_service" ON "offerings" USING btree ("service_id");--> statement-breakpoint
CREATE INDEX "offerings_location" ON "offerings" USING btree ("location_id");--> statement-breakpoint
CREATE INDEX "areas_parent" ON "areas" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "principals_organization_id" ON "principals" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "match_runs_organization" ON "match_runs" USING btree ("organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "match_runs_one_active" ON "match_runs" USING btree ("area_id","period") WHERE "match_runs"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "matches_run" ON "matches" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "matches_one_per_need" ON "matches" USING btree ("need_id") WHERE "matches"."state" in ('proposed', 'approved');--> statement-breakpoint
CREATE INDEX "matches_offering" ON "matches" USING btree ("offering_id");--> statement-breakpoint
CREATE INDEX "run_needs_need" ON "run_needs" USING btree ("need_id");--> statement-breakpoint
CREATE UNIQUE INDEX "policies_one_adopted" ON "policies" USING btree ("state") WHERE "policies"."state" = 'adopted';--> statement-breakpoint
CREATE INDEX "programs_area_period" ON "programs" USING btree ("area_id","period");--> statement-breakpoint
CREATE INDEX "referrals_provider" ON "referrals" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "referrals_partner" ON "referrals" USING btree ("partner_id");--> statement-breakpoint
CREATE INDEX "referrals_purchaser" ON "referrals" USING btree ("purchaser_id");--> statement-breakpoint
CREATE INDEX "referrals_resident" ON "referrals" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "consents_resident" ON "consents" USING btree ("resident_id");--> statement-breakpoint
CREATE INDEX "needs_period" ON "needs" USING btree ("period","state");--> statement-breakpoint
CREATE UNIQUE INDEX "needs_one_open_per_term" ON "needs" USING btree ("resident_id","period","category","term") WHERE "needs"."state" not in ('withdrawn', 'expired');--> statement-breakpoint
CREATE INDEX "residents_area" ON "residents" USING btree ("area_id");--> statement-breakpoint
CREATE INDEX "audit_entries_object" ON "audit_entries" USING btree ("object_id");--> statement-breakpoint
CREATE INDEX "events_object" ON "events" USING btree ("object_id");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_key" ON "jobs" USING btree ("key");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("available_at","id") WHERE "jobs"."done_at" is null and "jobs"."failed_at" is null;--> statement-breakpoint
CREATE INDEX "transfers_bundle" ON "transfers" USING btree ("bundle_id");--> statement-breakpoint
CREATE INDEX "transfers_debit" ON "transfers" USING btree ("debit_id");--> statement-breakpoint
CREATE INDEX "transfers_credit" ON "transfers" USING btree ("credit_id");