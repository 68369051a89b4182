-- A lot number that was asked for with a reference (an order): asking again for the same gives the same number.

alter table given_lot_number add asked_for text;
create unique index given_lot_number_asked_for on given_lot_number (target, scope, asked_for) where asked_for is not null;
