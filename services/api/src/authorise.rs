//! Who may do what: one exhaustive table.
//!
//! A call names the kinds of role that may make it. A role is for something (a region, a committee, a
//! partnership), so it counts only where the call is about that something: [`About`]. Whoever holds the
//! right kind of role for something else is told that there is no such thing, as is a stranger;
//! whoever's kinds of role never allow the call is told that they may not.
//!
//! A token may do less than its owner: act in one of their roles only, or change nothing. Of what is allowed to every person
//! about themself, such a token may only read, and see to itself: otherwise whoever finds a machine's token could have its
//! owner's shown a new secret.

use csp_domain::{
    Scope,
    id::{CommitteeId, PartnershipId, PersonId, RegionId, TokenId},
    person::Role,
};

use csp_proto::v1;

use crate::auth::Caller;

/// The kinds of role, without what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Runs the service.
    SystemAdministrator,
    /// Runs a region.
    Administrator,
    /// Edits a committee's paper.
    Editor,
    /// Approves a committee's paper.
    Approver,
    /// Submits for a partnership.
    Officer,
    /// Answers for a partnership.
    Lead,
    /// The person themself, whatever their roles.
    Oneself,
}

impl Kind {
    /// The role as the contract names it; none for the person themself.
    pub(crate) fn role(self) -> Option<v1::Role> {
        Some(match self {
            SystemAdministrator => v1::Role::SystemAdministrator,
            Administrator => v1::Role::Administrator,
            Editor => v1::Role::Editor,
            Approver => v1::Role::Approver,
            Officer => v1::Role::Officer,
            Lead => v1::Role::Lead,
            Oneself => return None,
        })
    }
}

use Kind::{Administrator, Approver, Editor, Lead, Officer, Oneself, SystemAdministrator};

const SYSTEM: &[Kind] = &[SystemAdministrator];
const ADMINISTRATORS: &[Kind] = &[SystemAdministrator, Administrator];
const ADMINISTRATORS_AND_ONESELF: &[Kind] = &[SystemAdministrator, Administrator, Oneself];
const ANYONE: &[Kind] = &[SystemAdministrator, Administrator, Editor, Approver, Officer, Lead, Oneself];
const OF_THE_REGION: &[Kind] = &[SystemAdministrator, Administrator, Editor, Approver, Officer, Lead];
const OF_THE_COMMITTEE: &[Kind] = &[SystemAdministrator, Administrator, Editor, Approver];
const SUBMITTERS: &[Kind] = &[Officer, Lead, Editor];
/// What a partnership measures for itself is its own to say, or an administrator's on its behalf.
const KEEPERS_OF_OWN_INDICATORS: &[Kind] = &[SystemAdministrator, Administrator, Officer, Lead];
const READERS_OF_SUBMISSIONS: &[Kind] = &[Administrator, Editor, Approver, Officer, Lead];
const SENDERS_OF_RETURNS: &[Kind] = &[Officer, Lead];
/// An editor enters what came by e-mail, and says so.
const ENTERERS_OF_RETURNS: &[Kind] = &[Officer, Lead, Editor];

macro_rules! calls {
    ($($service:literal { $($name:ident $method:literal = $who:expr;)* })*) => {
        /// Every method of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the method of the same name, documented in the contract")]
        pub enum Call {
            $($($name,)*)*
        }

        impl Call {
            /// Every call.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// `csp.v1.RegionService/CreateRegion`.
            pub const fn path(self) -> &'static str {
                match self { $($(Self::$name => concat!("csp.v1.", $service, "/", $method),)*)* }
            }

            /// The call that a request's path names: `/csp.v1.RegionService/CreateRegion`.
            pub(crate) fn at(path: &str) -> Option<Self> {
                match path.strip_prefix('/')? {
                    $($(concat!("csp.v1.", $service, "/", $method) => Some(Self::$name),)*)*
                    _ => None,
                }
            }

            /// The kinds of role that may make the call.
            pub fn who(self) -> &'static [Kind] {
                match self { $($(Self::$name => $who,)*)* }
            }

            /// Whether the call changes nothing: by the first word of its name, after AIP-131, 132 and 136.
            pub fn reads(self) -> bool {
                let method = match self { $($(Self::$name => $method,)*)* };
                ["Get", "List", "Preview", "Check", "WhoAmI"].iter().any(|word| method.starts_with(word))
            }
        }
    };
}

calls! {
    "RegionService" {
        CreateRegion "CreateRegion" = SYSTEM;
        GetRegion "GetRegion" = ANYONE;
        ListRegions "ListRegions" = ANYONE;
        UpdateRegion "UpdateRegion" = ADMINISTRATORS;
        DeleteRegion "DeleteRegion" = SYSTEM;
    }
    "PartnershipService" {
        CreatePartnership "CreatePartnership" = ADMINISTRATORS;
        GetPartnership "GetPartnership" = OF_THE_REGION;
        ListPartnerships "ListPartnerships" = OF_THE_REGION;
        UpdatePartnership "UpdatePartnership" = ADMINISTRATORS;
    }
    "PersonService" {
        CreatePerson "CreatePerson" = ADMINISTRATORS;
        GetPerson "GetPerson" = ADMINISTRATORS_AND_ONESELF;
        ListPersons "ListPersons" = ADMINISTRATORS;
        UpdatePerson "UpdatePerson" = ADMINISTRATORS;
        CreateRoleGrant "CreateRoleGrant" = ADMINISTRATORS;
        ListRoleGrants "ListRoleGrants" = ADMINISTRATORS_AND_ONESELF;
        EndRoleGrant "EndRoleGrant" = ADMINISTRATORS;
        CreateToken "CreateToken" = ADMINISTRATORS;
        ListTokens "ListTokens" = ADMINISTRATORS_AND_ONESELF;
        RotateToken "RotateToken" = ADMINISTRATORS_AND_ONESELF;
        RevokeToken "RevokeToken" = ADMINISTRATORS_AND_ONESELF;
    }
    "IdentityService" {
        WhoAmI "WhoAmI" = ANYONE;
        ListDuties "ListDuties" = ANYONE;
        ListPermissions "ListPermissions" = ANYONE;
    }
    "AuditService" {
        ListAuditEntries "ListAuditEntries" = ADMINISTRATORS;
    }
    "CommitteeService" {
        CreateCommittee "CreateCommittee" = ADMINISTRATORS;
        GetCommittee "GetCommittee" = OF_THE_REGION;
        ListCommittees "ListCommittees" = OF_THE_REGION;
        UpdateCommittee "UpdateCommittee" = ADMINISTRATORS;
        CreateMember "CreateMember" = ADMINISTRATORS;
        ListMembers "ListMembers" = OF_THE_COMMITTEE;
        UpdateMember "UpdateMember" = ADMINISTRATORS;
        ImportMembers "ImportMembers" = ADMINISTRATORS;
        CreateCycle "CreateCycle" = ADMINISTRATORS;
        GetCycle "GetCycle" = OF_THE_REGION;
        ListCycles "ListCycles" = OF_THE_REGION;
        UpdateCycle "UpdateCycle" = ADMINISTRATORS;
        CancelCycle "CancelCycle" = ADMINISTRATORS;
    }
    "CalendarService" {
        GetCalendar "GetCalendar" = OF_THE_COMMITTEE;
        SetRules "SetRules" = ADMINISTRATORS;
        ChangeClosedDays "ChangeClosedDays" = ADMINISTRATORS;
        ScheduleMeetings "ScheduleMeetings" = ADMINISTRATORS;
        GetCyclePlan "GetCyclePlan" = OF_THE_REGION;
        ExtendDeadline "ExtendDeadline" = &[Editor];
    }
    "IndicatorService" {
        CreateIndicator "CreateIndicator" = ADMINISTRATORS;
        GetIndicator "GetIndicator" = OF_THE_REGION;
        ListIndicators "ListIndicators" = OF_THE_REGION;
        UpdateIndicator "UpdateIndicator" = ADMINISTRATORS;
        CreateOwnIndicator "CreateOwnIndicator" = KEEPERS_OF_OWN_INDICATORS;
        UpdateOwnIndicator "UpdateOwnIndicator" = KEEPERS_OF_OWN_INDICATORS;
        ImportPopulations "ImportPopulations" = ADMINISTRATORS;
        ListPopulations "ListPopulations" = OF_THE_REGION;
        CreateTarget "CreateTarget" = ADMINISTRATORS;
        GetTarget "GetTarget" = OF_THE_REGION;
        ListTargets "ListTargets" = OF_THE_REGION;
        EndTarget "EndTarget" = ADMINISTRATORS;
        CreateContextNote "CreateContextNote" = ADMINISTRATORS;
        ListContextNotes "ListContextNotes" = OF_THE_REGION;
        RemoveContextNote "RemoveContextNote" = ADMINISTRATORS;
    }
    "HistoryService" {
        ImportHistory "ImportHistory" = ADMINISTRATORS;
        ListHistoryImports "ListHistoryImports" = ADMINISTRATORS;
    }
    "NewsService" {
        CreateNewsItem "CreateNewsItem" = SUBMITTERS;
        GetNewsItem "GetNewsItem" = READERS_OF_SUBMISSIONS;
        ListNewsItems "ListNewsItems" = READERS_OF_SUBMISSIONS;
        UpdateNewsItem "UpdateNewsItem" = SUBMITTERS;
        WithdrawNewsItem "WithdrawNewsItem" = SUBMITTERS;
    }
    "ReturnService" {
        CreateReturn "CreateReturn" = ENTERERS_OF_RETURNS;
        GetReturn "GetReturn" = READERS_OF_SUBMISSIONS;
        ListReturns "ListReturns" = READERS_OF_SUBMISSIONS;
        UpdateReturn "UpdateReturn" = ENTERERS_OF_RETURNS;
        WithdrawReturn "WithdrawReturn" = SENDERS_OF_RETURNS;
        SignReturn "SignReturn" = &[Lead];
        SendBackReturn "SendBackReturn" = &[Lead, Editor];
        AcceptReturn "AcceptReturn" = &[Editor];
        RecallReturn "RecallReturn" = SENDERS_OF_RETURNS;
        GetReceipt "GetReceipt" = READERS_OF_SUBMISSIONS;
        GetCycleStatus "GetCycleStatus" = OF_THE_COMMITTEE;
    }
    "CheckService" {
        CheckReturn "CheckReturn" = SENDERS_OF_RETURNS;
        ListFindings "ListFindings" = READERS_OF_SUBMISSIONS;
        ExplainFinding "ExplainFinding" = SENDERS_OF_RETURNS;
        ListCheckRules "ListCheckRules" = OF_THE_REGION;
        UpdateCheckRule "UpdateCheckRule" = ADMINISTRATORS;
    }
    "WordingService" {
        CreateWording "CreateWording" = &[Editor];
        GetWording "GetWording" = READERS_OF_SUBMISSIONS;
        ListWordings "ListWordings" = READERS_OF_SUBMISSIONS;
        AcceptWording "AcceptWording" = &[Lead];
        RefuseWording "RefuseWording" = &[Lead];
        WithdrawWording "WithdrawWording" = &[Editor];
    }
    "JointService" {
        GetJointItem "GetJointItem" = READERS_OF_SUBMISSIONS;
        ListJointItems "ListJointItems" = READERS_OF_SUBMISSIONS;
        SignJointItem "SignJointItem" = &[Lead];
        SendBackJointItem "SendBackJointItem" = &[Lead];
    }
    "DigestService" {
        PreviewDigest "PreviewDigest" = READERS_OF_SUBMISSIONS;
        FreezeDigest "FreezeDigest" = &[Editor];
        GetDigest "GetDigest" = OF_THE_COMMITTEE;
        ListDigests "ListDigests" = OF_THE_COMMITTEE;
        GetRendition "GetRendition" = OF_THE_COMMITTEE;
        ApproveDigest "ApproveDigest" = &[Approver];
        EndCoolingOff "EndCoolingOff" = &[Approver];
    }
    "ScheduleService" {
        ListJobs "ListJobs" = OF_THE_COMMITTEE;
        RunJob "RunJob" = ADMINISTRATORS;
        HoldJob "HoldJob" = ADMINISTRATORS;
        ResumeJob "ResumeJob" = ADMINISTRATORS;
        SkipJob "SkipJob" = ADMINISTRATORS;
    }
    "DiaryService" {
        GetDiary "GetDiary" = OF_THE_REGION;
        CreateDiaryLink "CreateDiaryLink" = OF_THE_REGION;
        ListDiaryLinks "ListDiaryLinks" = OF_THE_REGION;
        RevokeDiaryLink "RevokeDiaryLink" = OF_THE_REGION;
    }
    "MessageService" {
        GetMessage "GetMessage" = ADMINISTRATORS;
        ListMessages "ListMessages" = OF_THE_COMMITTEE;
        RetryMessage "RetryMessage" = ADMINISTRATORS;
    }
}

/// Every method of the contract has its row, and every row its method. This is checked while it compiles.
const _: () = {
    let (mut row, mut method) = (0, 0);
    while method < csp_proto::METHODS.len() {
        assert!(has_row(csp_proto::METHODS[method]), "{}", csp_proto::METHODS[method]);
        method += 1;
    }
    while row < Call::ALL.len() {
        assert!(has_method(Call::ALL[row].path()), "{}", Call::ALL[row].path());
        row += 1;
    }
};

const fn has_row(method: &str) -> bool {
    let mut row = 0;
    while row < Call::ALL.len() {
        if same(Call::ALL[row].path(), method) {
            return true;
        }
        row += 1;
    }
    false
}

const fn has_method(path: &str) -> bool {
    let mut method = 0;
    while method < csp_proto::METHODS.len() {
        if same(csp_proto::METHODS[method], path) {
            return true;
        }
        method += 1;
    }
    false
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// What a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The service as a whole.
    Service,
    /// A region's shared things.
    Region(RegionId),
    /// A person.
    Person(RegionId, PersonId),
    /// A person's token.
    Token(RegionId, PersonId, TokenId),
    /// A committee's things.
    Committee(RegionId, CommitteeId),
    /// All that a partnership sent in, to whichever committee.
    Partnership(RegionId, PartnershipId),
    /// What a partnership sends in for a committee's cycle.
    Submission(RegionId, PartnershipId, CommitteeId),
}

impl About {
    fn region(self) -> Option<RegionId> {
        match self {
            Self::Service => None,
            Self::Region(region)
            | Self::Person(region, _)
            | Self::Token(region, ..)
            | Self::Committee(region, _)
            | Self::Partnership(region, _)
            | Self::Submission(region, ..) => Some(region),
        }
    }
}

/// Why a call may not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// To this caller it is not there.
    Unseen,
    /// The caller's roles never allow it.
    Forbidden,
    /// The token presented is for reading.
    TokenReads,
    /// The token presented is for one role, and this is its owner's own business.
    TokenNarrow,
}

/// Whether the caller may make the call about anything at all: before anything is looked up.
pub fn may_ever(caller: &Caller, call: Call) -> Result<(), Denied> {
    if caller.token.scope.reading && !call.reads() {
        return Err(Denied::TokenReads);
    }
    let who = call.who();
    if who.contains(&Oneself) || caller.roles().any(|role| who.contains(&kind(role))) { Ok(()) } else { Err(Denied::Forbidden) }
}

/// Whether the caller may make the call, and which rows it may then see.
pub fn authorise(caller: &Caller, call: Call, about: About) -> Result<Scope, Denied> {
    let who = call.who();
    let system = caller.roles().any(|role| role == Role::SystemAdministrator);
    if system && who.contains(&SystemAdministrator) {
        return Ok(about.region().map_or(Scope::System, Scope::Region));
    }
    let home = caller.region.id;
    match about.region() {
        None => return if who.contains(&Oneself) { Ok(Scope::Region(home)) } else { Err(Denied::Forbidden) },
        Some(region) if region != home => return Err(Denied::Unseen),
        Some(_) => {}
    }
    let mut kind_fits = false;
    // The narrowest scope that suffices: a partnership's own role before a committee's.
    let mut widest = None;
    for role in caller.roles() {
        let kind = kind(role);
        if !who.contains(&kind) {
            continue;
        }
        kind_fits = true;
        match scope_of(role, about) {
            Some(scope @ Scope::Partnership(..)) => return Ok(scope),
            Some(scope) => widest = Some(scope),
            None => {}
        }
    }
    if let Some(scope) = widest {
        return Ok(scope);
    }
    if who.contains(&Oneself) {
        kind_fits = true;
        match about {
            About::Region(_) => return Ok(Scope::Region(home)),
            About::Person(_, person) | About::Token(_, person, _) if person == caller.person.id => {
                let itself = matches!(about, About::Token(_, _, token) if token == caller.token.id);
                return if caller.is_whole() || call.reads() || itself { Ok(Scope::Region(home)) } else { Err(Denied::TokenNarrow) };
            }
            _ => {}
        }
    }
    Err(if kind_fits { Denied::Unseen } else { Denied::Forbidden })
}

fn kind(role: Role) -> Kind {
    match role {
        Role::SystemAdministrator => SystemAdministrator,
        Role::Administrator => Administrator,
        Role::Editor(_) => Editor,
        Role::Approver(_) => Approver,
        Role::Officer(_) => Officer,
        Role::Lead(_) => Lead,
    }
}

/// What `role` may see of what the call is about, in the caller's own region.
fn scope_of(role: Role, about: About) -> Option<Scope> {
    let region = about.region()?;
    match (role, about) {
        (Role::Administrator, _) | (_, About::Region(_)) => Some(Scope::Region(region)),
        (Role::Editor(own) | Role::Approver(own), About::Committee(_, committee) | About::Submission(_, _, committee)) => {
            (own == committee).then_some(Scope::Region(region))
        }
        (Role::Officer(own) | Role::Lead(own), About::Partnership(_, partnership) | About::Submission(_, partnership, _)) => {
            (own == partnership).then_some(Scope::Partnership(region, own))
        }
        _ => None,
    }
}
