ACTIONS = {
    "unit.created": "{actor} created the unit {subject}.",
    "user.created": "{actor} created the account of {subject}.",
    "user.deactivated": "{actor} closed the account of {subject}.",
    "user.activated": "{actor} opened the account of {subject} again.",
    "role.granted": "{actor} gave {subject} the role {role} for {unit}.",
    "role.ended": "{actor} ended the role {role} of {subject} for {unit}.",
    "user.signed_in": "{subject} signed in.",
}
