//! What a change touches and what that means for others: footprint, collisions, dependencies, order.
